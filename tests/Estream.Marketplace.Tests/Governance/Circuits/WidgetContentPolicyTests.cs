using System.Text;
using Estream.Circuits;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The check finds what a content security policy would block in code, and not in strings and comments.</summary>
public sealed class WidgetContentPolicyTests
{
    [Theory]
    [InlineData("eval('1')")]
    [InlineData("eval (x)")]
    [InlineData("eval\u00A0(x)")]
    [InlineData("eval\u2028(x)")]
    [InlineData("eval/* */(x)")]
    [InlineData("(0, eval)(x)")]
    [InlineData("const e = eval;")]
    [InlineData("const e = a ? eval : b;")]
    [InlineData("f({ eval })")]
    [InlineData("[eval][0](x)")]
    [InlineData("eval?.(x)")]
    [InlineData("eval`x`")]
    [InlineData("window.eval(x)")]
    [InlineData("window?.eval(x)")]
    [InlineData("const e = globalThis.eval;")]
    [InlineData("const e = self . eval;")]
    [InlineData("w.eval(x)")]
    [InlineData("globalThis[\"eval\"](x)")]
    [InlineData("globalThis['\\x65val'](x)")]
    [InlineData("globalThis[\"\\u0065v\\u{61}l\"](x)")]
    [InlineData("globalThis[`eval`](x)")]
    [InlineData("f()['eval'](x)")]
    [InlineData("a[0]?.['eval'](x)")]
    [InlineData("new Function('return 1')")]
    [InlineData("new Function")]
    [InlineData("Function('return 1')()")]
    [InlineData("const F = Function;")]
    [InlineData("new window.Function(x)")]
    [InlineData("Function.prototype.constructor('return 1')")]
    [InlineData("Function.apply(null, x)")]
    [InlineData("(() => {}).constructor('return 1')()")]
    [InlineData("x.constructor.constructor(y)")]
    [InlineData("x['constructor'](y)")]
    [InlineData("setTimeout('f()', 1)")]
    [InlineData("setTimeout(`f()`, 1)")]
    [InlineData("setTimeout(`f(${x})`, 1)")]
    [InlineData("window.setInterval(\"f()\", 1)")]
    [InlineData("execScript(x)")]
    [InlineData("a.href = 'javascript:f()'")]
    [InlineData("a.href = ' JaVa\\nScript:f()'")]
    [InlineData("a.href = `javascript:${x}`")]
    [InlineData("import('data:text/javascript,f()')")]
    [InlineData("a.src = \"data: text/html;base64,PHNjcmlwdD4=\"")]
    [InlineData("a.innerHTML = '<b><SCRIPT>f()</script>'")]
    [InlineData("a.innerHTML = `x${y}<script src=z>`")]
    [InlineData("a.innerHTML = '<img src=x onerror=f()>'")]
    [InlineData("a.innerHTML = '<svg/onload=f()>'")]
    [InlineData("document.createElement('script')")]
    [InlineData("document.createElement(\"SCRIPT\")")]
    [InlineData("a.setAttribute('onclick', x)")]
    [InlineData("`${eval(x)}`")]
    [InlineData("`a${`b${eval(x)}`}`")]
    [InlineData("if (x) /'/.test(y); eval(z); '/'")]
    [InlineData("a = {} / b//*\neval(z)//*/")]
    [InlineData("a = b / c//*\neval(z)//*/")]
    [InlineData("x = /[/'\"]/; eval(z); /['\"]/")]
    [InlineData("x = a++ / 1; eval(z); 1 / 2")]
    [InlineData("x = /\\//; eval(z)")]
    [InlineData("'\\''; eval(z); '\\''")]
    [InlineData("\"\\\\\"; eval(z); \"\\\\\"")]
    [InlineData("x = 1. / 2; eval(z); 1 / 2")]
    [InlineData("// \u2028 eval(z)")]
    [InlineData("// \r eval(z)")]
    [InlineData("#! f\neval(z)")]
    public void Check_finds_code_that_a_content_security_policy_blocks(string code) => Assert.NotEmpty(Check(code));

    [Theory]
    [InlineData("const s = \"eval(\";")]
    [InlineData("const s = 'new Function(1)';")]
    [InlineData("const s = `eval(x)`;")]
    [InlineData("// eval(x)")]
    [InlineData("/* eval(x)\n new Function(y) */")]
    [InlineData("const r = /eval(x)/;")]
    [InlineData("const r = x.match(/[eval(]/g);")]
    [InlineData("evaluate(x); medieval(y); $eval(z); _eval; evalu\u00e9")]
    [InlineData("const o = { eval: 1, Function: 2 };")]
    [InlineData("o.eval; o.Function")]
    [InlineData("x instanceof Function")]
    [InlineData("typeof x === Function; Function !== x")]
    [InlineData("Function.prototype.call.bind(x)")]
    [InlineData("function f() {} class A { constructor() { super(); } }")]
    [InlineData("x.constructor === Object; x.constructor.name; new this.constructor(y)")]
    [InlineData("return ['eval', 'constructor'];")]
    [InlineData("const a = [\"eval\"]; f(['Function']);")]
    [InlineData("o[\"evaluate\"]")]
    [InlineData("setTimeout(() => f(), 1); setTimeout(f, 1); window.setInterval(function () {}, 5)")]
    [InlineData("const s = 'a javascript: address'; const t = 'data:image/png;base64,AAAA'; const u = 'data:image/svg+xml,%3Csvg%3E'")]
    [InlineData("const s = 'a < b on=1'; const t = 'scripts';")]
    [InlineData("document.createElement('div'); a.setAttribute('on', x); a.setAttribute('data-on', y)")]
    [InlineData("x = a / b / c; y = (a) / b; z = a[0] / f() / 2")]
    [InlineData("if (a) /x/.test(b); while (c) /y/.exec(d); for (const e of [/z/]) f(e)")]
    [InlineData("const f = () => { return /x/ }\n/y/.test(z)")]
    [InlineData("{ } /x/.test(y)")]
    [InlineData("switch (a) { case /x/.test(b): f(); /y/.test(c) } /z/.test(d)")]
    [InlineData("for await (const x of y) /z/.test(x)")]
    [InlineData("a = b ? /x/ : /y/; yield /z/; await /z/")]
    [InlineData("x = `a${b ? `c${d}` : {}.e}f`;")]
    [InlineData("x?.y?.[z] ?? (a ?.5 : 1)")]
    [InlineData("x = 0xFF + 1_000n + .5e-3 + 1e10 + 0b11 + 1..toString()")]
    [InlineData("class A { #p = 1; get q() { return this.#p / 2; } }")]
    [InlineData("const caf\\u00e9 = 1, \\u{1d4d0} = 2;")]
    [InlineData("\uFEFFexport default 1;")]
    [InlineData("#!/usr/bin/env eval(\nexport default 1;")]
    [InlineData("")]
    public void Check_finds_nothing_in_permitted_code(string code) => Assert.Empty(Check(code));

    [Theory]
    [InlineData("'x", "line 1: a string is not closed")]
    [InlineData("a\n\"x\n\"", "line 2: a string is not closed")]
    [InlineData("'\\", "a string is not closed")]
    [InlineData("`x", "a template is not closed")]
    [InlineData("`${x", "the bundle ends inside of brackets")]
    [InlineData("`${x}", "a template is not closed")]
    [InlineData("/* x", "a comment is not closed")]
    [InlineData("x = /y\n/", "a regular expression is not closed")]
    [InlineData("x = /[/", "a regular expression is not closed")]
    [InlineData("x = /y/eval(z)", "a name follows a regular expression without a separator")]
    [InlineData("x = 1eval(z)", "a name follows a number without a separator")]
    [InlineData("\\u0065val(x)", "a name has an escape that hides an ASCII character")]
    [InlineData("ev\\u{61}l(x)", "a name has an escape that hides an ASCII character")]
    [InlineData("a\\x", "a name has an escape")]
    [InlineData("(", "the bundle ends inside of brackets")]
    [InlineData(")", "brackets do not match")]
    [InlineData("(]", "brackets do not match")]
    [InlineData("{)", "brackets do not match")]
    [InlineData("a\0b", "unexpected character")]
    [InlineData("# x", "a '#' is not followed by a name")]
    [InlineData("function f() {} /x/", "a '/' is ambiguous between a division and a regular expression")]
    [InlineData("x = function () {} / 2", "a '/' is ambiguous between a division and a regular expression")]
    [InlineData("for (x of /y/)", "a '/' is ambiguous between a division and a regular expression")]
    [InlineData("a\n++/b/", "a '/' is ambiguous between a division and a regular expression")]
    public void Check_reports_code_that_cannot_be_tokenized(string code, string expected) =>
        Assert.Contains(Check(code), found => found.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Check_reports_lines_and_at_most_sixteen_findings()
    {
        Assert.Equal(["line 3: eval", "line 5: Function creates code from text"], Check("a;\n/* b\n*/ eval(c);\n\nnew Function(`\n`)"));
        Assert.Equal(16, Check(string.Join('\n', Enumerable.Repeat("eval(x)", 100))).Count);
        Assert.Equal(["line 1: the bundle is not UTF-8"], WidgetContentPolicy.Check([(byte)'a', 0xFF]));
    }

    [Theory]
    [InlineData("(", "line 1: brackets do not match, or are nested too deeply")]
    [InlineData("`${", "line 1: brackets are nested too deeply")]
    public void Check_limits_the_nesting_of_brackets(string bracket, string expected) =>
        Assert.Equal([expected], Check(string.Concat(Enumerable.Repeat(bracket, 5_000))));

    [Fact]
    public void Check_takes_time_linear_in_the_bundle_size()
    {
        // Inputs that are slow unless they are read in one pass: repeated starts of constructs that never end.
        foreach (string shape in new[] { "<", "<a ", " on", "'<a on'+", "\\", "/*", "//", "`a`+", "[", "a.", "{};", "'\\\\'+", "\u2003",
            "// \u00e2", "a/b/" })
        {
            _ = Check(string.Concat(Enumerable.Repeat(shape, 1_000_000 / shape.Length)));
            _ = Check("'" + string.Concat(Enumerable.Repeat(shape, 1_000_000 / shape.Length)) + "'");
            Assert.NotEmpty(Check("eval('1');" + string.Concat(Enumerable.Repeat(shape, 1_000_000 / shape.Length))));
        }
    }

    private static IReadOnlyList<string> Check(string code) => WidgetContentPolicy.Check(Encoding.UTF8.GetBytes(code));
}
