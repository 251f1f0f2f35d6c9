using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

public sealed class DocumentOutputTests
{
    private static readonly DocumentOutput s_rule = new(new DocumentCode(Product.References));

    [Theory]
    [InlineData("Console.WriteLine(1.5);  // 1.5")]
    [InlineData("Console.WriteLine(\"a (b); c\"); // a (b); c")]
    [InlineData("Console.WriteLine(\"{from here to there}\"); // {from … there}")]
    [InlineData("for (int i = 0; i < 3; i++)\n{\n    Console.WriteLine(i); // 0, 1, 2\n}\nConsole.WriteLine(\"end\"); // end")]
    public void A_program_that_prints_what_its_comments_say_is_accepted(string code)
    {
        Assert.Empty(Check(code));
    }

    [Theory]
    [InlineData("Console.WriteLine(2); // 3", "prints '2', but its comments say '3'")]
    [InlineData("Console.WriteLine(12); // 1", "prints '12', but its comments say '1'")]
    [InlineData("Console.WriteLine(1);\nConsole.WriteLine(2); // 2", "prints '1, 2', but its comments say '2'")]
    [InlineData("Console.WriteLine(1);", "no comment of this program states its output")]
    [InlineData("int[] none = [];\nConsole.WriteLine(none.Single()); // 1", "Sequence contains no elements")]
    [InlineData("Console.WriteLine(x); // 1", "CS0103")]
    public void A_program_with_different_output_is_a_violation(string code, string message)
    {
        Violation only = Assert.Single(Check(code));
        Assert.Equal(("docs/a.md", 1), (only.Path, only.Line));
        Assert.Contains(message, only.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Violation> Check(string code) => s_rule.Check([new SourceFile("docs/a.md", $"```csharp\n{code}\n```")]);
}
