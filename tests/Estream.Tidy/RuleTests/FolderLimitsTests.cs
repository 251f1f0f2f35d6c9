using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

public sealed class FolderLimitsTests
{
    [Fact]
    public void A_folder_at_the_limit_is_accepted()
    {
        Assert.Empty(FolderLimits.Check(FolderOf("src/Estream.Queue/Writing", FolderLimits.MaxFiles)));
    }

    [Fact]
    public void A_folder_over_the_limit_is_reported_with_its_count()
    {
        Repository repository = FolderOf("src/Estream.Queue/Writing", FolderLimits.MaxFiles + 1);
        Example.AssertOne(FolderLimits.Check(repository), "src/Estream.Queue/Writing", "26 files");
    }

    [Fact]
    public void Files_of_subfolders_do_not_count()
    {
        (string Path, string Text)[] files =
            [.. FilesOf("src/Estream.Queue", FolderLimits.MaxFiles), .. FilesOf("src/Estream.Queue/Writing", FolderLimits.MaxFiles)];
        Assert.Empty(FolderLimits.Check(Example.Of(files)));
    }

    [Theory]
    [InlineData("docs/decisions", 0)]
    [InlineData("tests/Estream.Wire.Fix.Tests/Acceptance/scripts/quickfixn/fix44", 0)]
    [InlineData("docs/decisions-draft", 1)]
    public void An_exception_covers_its_folder_and_those_below(string folder, int expected)
    {
        Assert.Equal(expected, FolderLimits.Check(FolderOf(folder, FolderLimits.MaxFiles + 1)).Count());
    }

    [Fact]
    public void An_exception_that_no_folder_needs_is_reported()
    {
        Repository repository = FolderOf("docs/decisions", FolderLimits.MaxFiles);
        Assert.Contains(FolderLimits.CheckExceptions(repository), violation => violation.Path == "docs/decisions");
    }

    [Fact]
    public void An_exception_that_a_folder_needs_is_kept()
    {
        Repository repository = FolderOf("docs/decisions", FolderLimits.MaxFiles + 1);
        Assert.DoesNotContain(FolderLimits.CheckExceptions(repository), violation => violation.Path == "docs/decisions");
    }

    private static Repository FolderOf(string folder, int count) => Example.Of(FilesOf(folder, count));

    private static (string Path, string Text)[] FilesOf(string folder, int count) =>
        [.. Enumerable.Range(0, count).Select(number => ($"{folder}/{number}.txt", ""))];
}
