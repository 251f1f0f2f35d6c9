using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Files;

/// <summary>What is read below a source lies below it.</summary>
public sealed class FilePathsTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("./a")]
    [InlineData("a//b")]
    [InlineData("/etc/passwd")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a%2e%2e/b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("C:a")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("\u00e4")]
    public async Task A_path_that_could_lead_elsewhere_is_the_callers_mistake(string path)
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("secret"), "x");
        _ = Directory.CreateDirectory(folder.Combine("public", "a"));
        DirectoryFileSource source = new(folder.Combine("public"));
        await Assert.ThrowsAsync<ArgumentException>(() => source.ReadAsync(path, 10, s_none).AsTask());
    }

    [Fact]
    public async Task A_path_below_the_source_is_read_and_one_that_is_not_there_is_nothing()
    {
        using TempDirectory folder = new();
        _ = Directory.CreateDirectory(folder.Combine("@scope"));
        await File.WriteAllTextAsync(folder.Combine("@scope", "a.json"), "x");
        DirectoryFileSource source = new(folder.Path);
        Assert.Equal("x"u8.ToArray(), await source.ReadAsync("@scope/a.json", 1, s_none));
        Assert.Null(await source.ReadAsync("@scope/b.json", 1, s_none));
        await Assert.ThrowsAnyAsync<EstreamException>(() => source.ReadAsync("@scope/a.json", 0, s_none).AsTask());
    }
}
