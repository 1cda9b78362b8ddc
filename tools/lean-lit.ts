// Leaves out of Lit's templates what nobody here asks for: docs/decisions/0005-lean-lit.md. Throws where Lit has changed.
import { basename } from 'node:path';
import type { Plugin } from 'vite';

/** By file: each must be found, so that a Lit that has changed is noticed. */
const UNASKED: Readonly<Record<string, readonly (readonly [unasked: RegExp, instead: string])[]>> = {
  'lit-html': [
    // It tells the page of itself, and gives its inner parts to whoever brings polyfills.
    [/,(\w+)=\w+\.litHtmlPolyfillSupport;\1\?\.\(.*?\),\(.*?\)\.push\(.*?\);/, ';'],
    [/\{M:\w+,.*?,I:(\w+),.*?\}/, '{I:$1}'],
    [/get (?:tagName|startNode|parentNode)\(\)\{[^{}]*\}/g, ''],
    // Templates of SVG and MathML, and compiled ones.
    [/2===(\w)\?"<svg>":3===\1\?"<math>":""/, '""'],
    [/\+\(2===(\w)\?"<\/svg>":3===\1\?"<\/math>":""\)/, ''],
    [/if\((this\.el=[^{}]*),2===(\w)\|\|3===\2\)\{[^{}]*replaceWith[^{}]*\}/, '$1;'],
    [/,_\$litType\$:(\w)\}=(\w),(\w)="number"==typeof \1\?(this\._\$AC\(\2\)):\(.*?,\1\);/, '}=$2,$3=$4;'],
    // Comments, and values in elements that hold plain text.
    [/\(!--\|\\\/\[\^a-zA-Z\]\)\|\((.*?)\)\|\((.*?)\)/, '$1|$2'],
    [/"!--"===\w\[1\]\?\w=\w:void 0!==\w\[1\]\?\w=\w:/, ''],
    [/(\w)===\w\|\|\1===\w\?\1=(?=\w:\(\1=)(\w):/, ''],
    [/else\{let (\w)=-1;for\(;-1!==.*?\.length-1\}/, ''],
    [/if\(\w\.test\(\w\.tagName\)\)\{.*?\}\}(?=\}else)/, ''],
    [/\(\w\.test\((\w)\[2\]\)&&\(\w=RegExp\("<\/"\+\1\[2\],"g"\)\),(\w=\w)\)/, '$2'],
    [/void 0!==(\w)\[2\]\?(\w=\w):void 0!==\1\[3\]&&\(\2\)/, '$2'],
    // Directives that are told when they leave the page.
    [/get _\$AU\(\)\{[^{}]*\}|setConnected\(\w\)\{[^{}]*\}/g, ''],
    [/\w\?\._\$AO\?\.\(!1\),|this\._\$AN=void 0,|,this\._\$Cv=[^{}]*?(?=\})|this\._\$AP\?\.\([^()]*\)/g, ''],
    // Directives in attributes, and what tells others where they stand.
    [/void 0!==(\w)\?(\w)\._\$Co\?\.\[\1\]:\2\._\$Cl/, '$2._$$Cl'],
    [/void 0!==(\w)\?\((\w)\._\$Co\?\?=\[\]\)\[\1\]=(\w):/, ''],
    [/\((\w=new \w\(\w\)),\w\._\$AT\(\w,\w,\w\)\)/, '$1'],
    [/(\w)=\w\(this,(\w\[\w\+\w\]),\w,\w\),\1===\w&&\(\1=this\._\$AH\[\w\]\)/, '$1=$2'],
    [/\w=\w\(this,\w,\w,0\),(\w=!\w\(\w\)\|\|\w!==this\._\$AH)&&\w!==\w/, '$1'],
    [/_\$AI\(t,i=this\)\{if\(\((\w)=\w\(this,\w,\w,0\)\?\?\w\)===\w\)return;/, '_$$AI($1){'],
    [/constructor\([\w,]*\)\{super\([\w,.]*\),this\.type=\d\}/g, ''],
    [/this\.type=\d,/g, ''],
    // Lists that are no arrays.
    [/=\w=>(\w)\(\w\)\|\|"function"==typeof \w\?\.\[Symbol\.iterator\]/, '=$1'],
    // Words for developers, and names in common with other copies.
    [/Error\("invalid template strings array"\)/, 'Error()'],
    [/Symbol\.for\("lit-\w+"\)/g, 'Symbol()'],
    [/(\w)=(\w)\?\?(\w),(\w)=-1\)/, '$1=$3,$4=-1)'],
    [/\((\w=\w),\w=void 0\)(?=;)/, '$1'],
    // Listeners that are objects or need another `this`, documents other than the page's, and a place within what is rendered into.
    [/\|\|(\w)\.capture!==(\w)\.capture\|\|\1\.once!==\2\.once\|\|\1\.passive!==\2\.passive/, ''],
    [/"function"==typeof this\._\$AH\?this\._\$AH\.call\(.*?\):(this\._\$AH)\.handleEvent/, '$1'],
    [/\(\w\?\.creationScope\?\?(\w)\)/, '$1'],
    [
      /const (\w)=(\w)\?\.renderBefore\?\?(\w);let (\w)=\1(\._\$litPart\$);if\(void 0===\4\)\{const (\w)=.*?;\1\5=(.*?),\6\),\6,/,
      'let $4=$3$5;if(void 0===$4){$3$5=$7,null),null,',
    ],
    [/,this\.options=\w/g, ''],
    [/,this\.options\b/g, ''],
    [/,void 0,\w\?\?\{\}/, ''],
    [/\(this\.options\)/, '()'],
    // Listeners that come and go.
    [
      /const (\w)=this\._\$AH,(\w)=(\w)===(\w)&&\1!==\4,(\w)=\3!==\4&&\(\1===\4\|\|\2\);\2&&.*?,\5&&(.*?),\3\)/,
      'this._$$AH===$4&&$6)',
    ],
    // What stands around a part, which nobody asks for any more.
    [/,this\._\$AM=\w/g, ''],
    [/(?<!name),this(?:,\w)?(?=\))/g, ''],
    [/_\$AI\((\w),(\w)=this\)\{\1=(\w)\(this,\1,\2\)/, '_$$AI($1){$1=$3(this,$1)'],
    [/(function \w\(\w,\w,\w=\w),\w\)/, '$1)'],
    [/(\.values\),\w),\w\)/, '$1)'],
    // Values that are there, and are set.
    [/this\._\$AH=\w,(?=this\.element=)/, ''],
    [/,(\w)=(\w)=>\2(?=,)/, ''],
    [/\b\w\((\w)\)(?=\.(?:nextSibling|remove\(\)))/g, '$1'],
    [/void 0!==(\w)&&\((void 0!==\1\.strings)/, '($2'],
    [/(\w&&)!\w&&(this\.j)/, '$1$2'],
  ],
  directive: [
    [/get _\$AU\(\)\{[^{}]*\}/, ''],
    [/_\$AT\(\w,\w,\w\)\{[^{}]*\}/, ''],
    [/constructor\(\w\)\{\}/, ''],
    [/update\(\w,\w\)\{return this\.render\(\.\.\.\w\)\}/, ''],
  ],
  'directive-helpers': [
    // Parts that move to another list, and nodes of a shadow DOM that is none.
    [/,(\w)=\w\._\$AM,(\w)=\1!==\w;if\(\2\)\{.*?\._\$AP\(\w\)\}if\((\w!==\w)\|\|\2\)/, ';if($3)'],
    [/,(\w)=(\w)=>\2(?=,)/, ''],
    [/\b\w\((\w)\)(?=\.(?:nextSibling|insertBefore))/g, '$1'],
    // Values that are there, and settings that nobody asks for.
    [/,\w\.options\)/, ')'],
    [/\w=\{\},(\w=\(\w,\w)=\w\)/, '$1)'],
    [/,(\w)=\w\)=>\((\w)\._\$AI\((\w),\1\)/, ')=>($2._$$AI($3)'],
    [/(new \w\(\w,\w),\w\)/, '$1)'],
  ],
};

export const leanLit: Plugin = {
  name: 'lean-lit',
  transform: {
    order: 'pre',
    filter: { id: /lit-html\/(lit-html|directive|directive-helpers)\.js$/ },
    handler: (code, id) => {
      let lean = code;
      for (const [unasked, instead] of UNASKED[basename(id, '.js')]!) {
        const before = lean;
        lean = lean.replace(unasked, instead);
        if (lean === before) throw new Error(`Lit has changed: ${unasked.source} is not there any more.`);
      }
      // Names that nobody else uses.
      return lean.replace(/_\$(?:[AC](?=\w\b)|lit(\w)\w+\$)/g, '_$1');
    },
  },
};
