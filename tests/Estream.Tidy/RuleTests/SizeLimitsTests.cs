using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class SizeLimitsTests
{
    [Theory]
    [InlineData(SizeLimits.MaxFileLines, 0)]
    [InlineData(SizeLimits.MaxFileLines + 1, 1)]
    public void A_file_over_the_limit_is_a_violation(int lines, int expected)
    {
        string text = string.Concat(Enumerable.Repeat("//\n", lines));
        Assert.Equal(expected, SizeLimits.Check(Example.Of(("src/a.ts", text))).Count());
    }

    [Theory]
    [InlineData("void M()\n{", SizeLimits.MaxFunctionLines - 3, 0)]
    [InlineData("void M()\n{", SizeLimits.MaxFunctionLines - 2, 1)]
    [InlineData("public C()\n{", SizeLimits.MaxFunctionLines, 1)]
    [InlineData("int P\n{ get\n{", SizeLimits.MaxFunctionLines, 1)]
    [InlineData("void M()\n{ void Local()\n{", SizeLimits.MaxFunctionLines, 2)]
    public void A_function_over_the_limit_is_a_violation(string head, int bodyLines, int expected)
    {
        string body = string.Concat(Enumerable.Repeat("_ = 1;\n", bodyLines));
        string tail = string.Concat(Enumerable.Repeat("}\n", head.Count(c => c == '{')));
        string code = $"class C {{\n/// comments do not count\n[Fact]\n{head}\n{body}{tail}}}";
        Assert.Equal(expected, SizeLimits.Check(Example.Of(("src/C.cs", code))).Count());
    }

    [Theory]
    [InlineData("string s = \"{0}\";", 1)]
    [InlineData("// {0}", 1)]
    [InlineData("string s = \"\"\"{0}\"\"\";", 0)]
    [InlineData("string s = $$\"\"\"\n{0}\n\"\"\";", 0)]
    [InlineData("string s = @\"\n{0}\";", 0)]
    public void A_line_over_the_limit_is_a_violation_unless_it_is_data(string code, int expected)
    {
        string fits = code.Replace("{0}", "x", StringComparison.Ordinal);
        string over = code.Replace("{0}", new string('x', SizeLimits.MaxLineColumns), StringComparison.Ordinal);
        Assert.Empty(SizeLimits.Check(Example.Of(("src/C.cs", $"class C {{\n{fits}\n}}"))));
        Assert.Equal(expected, SizeLimits.Check(Example.Of(("src/C.cs", $"class C {{\n{over}\n}}"))).Count());
    }

    [Fact]
    public void The_report_names_median_and_percentile()
    {
        string report = SizeLimits.Report(Example.Of(("a.cs", "//\n"), ("b.cs", "//\n//\n//\n"), ("c.cs", "//\n//\n")));
        Assert.StartsWith("files, lines: count 3, median 2, p95 2, longest 3", report, StringComparison.Ordinal);
        Assert.EndsWith("C# functions, lines: none", report, StringComparison.Ordinal);
    }
}
