using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy;

public sealed class DocumentTests
{
    private static readonly Lazy<DocumentCode> s_compiler =
        new(() => new DocumentCode(Product.References, Product.GenerateSchemas(Repository.Current)));

    [Fact]
    public void Code_in_documents_compiles()
    {
        IEnumerable<SourceFile> pages = Repository.Current.Files.Where(file => file.Extension == ".md");
        Violation.AssertNone(s_compiler.Value.Check(pages));
    }

    [Fact]
    public void The_readme_shows_working_code_within_thirty_lines()
    {
        CodeBlock first = CodeBlock.In(Repository.Current.Find("README.md")!).First();
        Assert.Null(first.Excuse);
        Assert.Null(first.Given);
        Assert.InRange(first.Line + first.Code.Split('\n').Length, 1, 30);
    }
}
