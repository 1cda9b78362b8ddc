// The demo page's one entry: reads the settings from the address, shows them, and hears the configurator.
import { render } from 'lit';
import { readQuery, writeQuery } from './address.js';
import { copyText } from './copy.js';
import { panel } from './panel.js';
import { preview } from './preview.js';
import { followPage, SecondReader } from './second-reader.js';
import { type SettingName, SETTINGS, STANDARD, withSetting, type Settings } from './settings.js';
import { serverAddress, snippet } from './snippet.js';
import { twinOrigin } from './twin.js';

/** Some browsers refuse more than a hundred changes of the address in thirty seconds; a slider makes them in three. */
const ADDRESS_DELAY_MS = 300;

function start(): void {
  const discussion = find('afterword-discussion');
  const settings = readQuery(location.search);
  preview(discussion, settings);
  if (new URLSearchParams(location.search).has('reader')) {
    document.documentElement.dataset['reader'] = '';
    followPage((next) => preview(discussion, next));
  } else configure(discussion, settings);
}

function configure(discussion: Element, initial: Settings): void {
  const form = find<HTMLFormElement>('#configurator');
  const publicUrl = find<HTMLMetaElement>('meta[name=afterword-public-url]').content;
  const server = serverAddress(publicUrl, location.origin);
  const second = new SecondReader(find('#replies'), find('#second'), find('#second-toggle'), initial);
  let settings = initial;
  let addressTimer: ReturnType<typeof setTimeout> | undefined;

  function show(said = ''): void {
    render(panel(settings, snippet(settings, server, 'demo'), said), form);
  }

  function change(next: Settings, said = ''): void {
    if (next !== settings) {
      settings = next;
      preview(discussion, settings);
      second.update(settings);
      clearTimeout(addressTimer);
      addressTimer = setTimeout(() => {
        history.replaceState(null, '', location.pathname + writeQuery(settings, location.search) + location.hash);
      }, ADDRESS_DELAY_MS);
    }
    show(said);
  }

  form.addEventListener('input', ({ target }) => {
    // A thread is made when it is first asked for: the key waits until it is whole (`change`).
    if (isControl(target) && target.name !== 'thread') change(withSetting(settings, target.name, target.value));
  });
  form.addEventListener('change', ({ target }) => {
    if (!isControl(target)) return;
    change(withSetting(settings, target.name, target.value));
    if (target.type === 'text') target.value = settings[target.name];
  });
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    change(STANDARD, 'Back to the standard.');
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('click', ({ target }) => {
    if (target instanceof HTMLButtonElement && target.name === 'copy') void copy();
  });
  const copy = async (): Promise<void> => {
    // Emptied first: the same words said twice are heard only when they went away in between.
    show();
    const copied = await copyText(find('#snippet'));
    show(copied ? 'Copied.' : 'Selected: press Ctrl+C or ⌘C.');
  };

  find<HTMLAnchorElement>('#plain-link').href = `${twinOrigin(location.origin) ?? ''}/plain`;
  show();
}

function isControl(
  target: EventTarget | null,
): target is (HTMLInputElement | HTMLSelectElement) & { name: SettingName } {
  return (
    (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) && Object.hasOwn(SETTINGS, target.name)
  );
}

/** The element that index.html has under this selector; a page without it is broken, and says so. */
function find<E extends Element>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return element;
}

start();
