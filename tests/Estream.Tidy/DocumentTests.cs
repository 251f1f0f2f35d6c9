using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy;

public sealed class DocumentTests
{
    [Fact]
    public void Code_in_documents_compiles()
    {
        IEnumerable<SourceFile> pages = Repository.Current.Files.Where(file => file.Extension == ".md");
        Violation.AssertNone(new DocumentCode(Product.References).Check(pages));
    }

    [Fact]
    public void Programs_in_pack_pages_print_what_their_comments_say()
    {
        SourceFile[] pages = [.. Repository.Current.Files.Where(file => file.IsUnder("schemas") && file.Name == "README.md")];
        Assert.Equal(6, pages.Length);
        Assert.All(pages, page => Assert.NotEmpty(CodeBlock.In(page)));
        Violation.AssertNone(new DocumentOutput(new DocumentCode(Product.References)).Check(pages));
    }

    [Fact]
    public void The_page_of_the_specifications_names_tests_that_exist()
    {
        SourceFile page = Repository.Current.Find("docs/specification.md")!;
        Assert.True(page.Text.Split("Tests.").Length > 40);
        Violation.AssertNone(NamedTests.CheckTests(Repository.Current, page));
        Violation.AssertNone(NamedTests.CheckProofs(page));
    }

    /// <summary>Checks that each cell of a table names its test, or says what happens without one.</summary>
    [Fact]
    public void The_page_of_the_durability_names_tests_that_exist()
    {
        SourceFile page = Repository.Current.Find("docs/durability.md")!;
        string[] rows = [.. page.Lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal))];
        Assert.True(rows.Length > 20, $"{rows.Length} rows");
        Assert.All(rows, row => Assert.DoesNotContain("||", row.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.True(page.Text.Split("Tests.").Length > 40);
        Violation.AssertNone(NamedTests.CheckTests(Repository.Current, page));
    }

    [Fact]
    public void The_page_of_the_licenses_names_folders_that_exist() =>
        Violation.AssertNone(NamedTests.CheckFolders(Repository.Current, Repository.Current.Find("LICENSING.md")!));

    [Fact]
    public void The_readme_shows_working_code_within_thirty_lines()
    {
        CodeBlock first = CodeBlock.In(Repository.Current.Find("README.md")!).First();
        Assert.Null(first.Excuse);
        Assert.Null(first.Given);
        Assert.InRange(first.Line + first.Code.Split('\n').Length, 1, 30);
    }
}
