// Style sheets as the CSSOM makes them: no <style> element, which a strict CSP would refuse.

export function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
