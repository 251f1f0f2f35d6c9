using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

public sealed class DocumentCodeTests
{
    private static readonly DocumentCode s_compiler = new(Product.References);

    [Theory]
    [InlineData("```csharp\nConsole.WriteLine(1);\n```")]
    [InlineData("<!-- given: List<int> list -->\n\n```csharp\nlist.Add(1);\nawait Task.Yield();\n```")]
    [InlineData("<!-- given: Span<byte> span -->\n```csharp\nusing System.Text;\n_ = Encoding.UTF8.GetString(span);\n```")]
    [InlineData("<!-- not compiled: shows what the compiler says -->\n```csharp\nnonsense\n```")]
    [InlineData("```\nnot C#\n```")]
    public void A_block_that_compiles_or_is_marked_as_not_compiled_is_accepted(string text)
    {
        Assert.Empty(s_compiler.Check([new SourceFile("docs/a.md", text)]));
    }

    [Fact]
    public void A_compile_error_is_a_violation_at_its_line()
    {
        Violation only =
            Assert.Single(s_compiler.Check([new SourceFile("docs/a.md", "Text.\n\n```csharp\nint x = 1;\nint y = z;\n```\n")]));
        Assert.Equal(("docs/a.md", 5), (only.Path, only.Line));
        Assert.Contains("CS0103", only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_continued_block_sees_the_block_before_it()
    {
        const string first = "```csharp\nint x = 1;\n```\nText.\n\n";
        Assert.Empty(
            s_compiler.Check(
                [new SourceFile("docs/a.md",
                    first + "<!-- continues -->\n```csharp\nint y = x;\n```\n<!-- continues -->\n```csharp\nint z = x + y;\n```")]));
        Violation only = Assert.Single(
            s_compiler.Check([new SourceFile("docs/a.md", first + "<!-- continues -->\n```csharp\nint y = x;\nint z = w;\n```")]));
        Assert.Equal(("docs/a.md", 9), (only.Path, only.Line));
        Assert.NotEmpty(s_compiler.Check([new SourceFile("docs/a.md", first + "```csharp\nint y = x;\n```")]));
    }

    [Fact]
    public void A_fragment_without_its_given_parameters_does_not_compile()
    {
        Assert.NotEmpty(s_compiler.Check([new SourceFile("docs/a.md", "```csharp\nlist.Add(1);\n```")]));
    }

    [Fact]
    public void A_comment_applies_only_to_the_next_block()
    {
        const string text = "<!-- not compiled: reason -->\n```csharp\nbad\n```\n```csharp\nbad\n```";
        Assert.Equal([null, "reason"], CodeBlock.In(new SourceFile("docs/a.md", text)).Select(block => block.Excuse).Order());
    }
}
