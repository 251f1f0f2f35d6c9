using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Files;

/// <summary>Reads never leave the directory of their source.</summary>
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
    public async Task Path_that_could_leave_the_source_throws_ArgumentException(string path)
    {
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("secret"), "x");
        _ = Directory.CreateDirectory(folder.Combine("public", "a"));
        DirectoryFileSource source = new(folder.Combine("public"));
        await Assert.ThrowsAsync<ArgumentException>(() => source.ReadAsync(path, 10, s_none).AsTask());
    }

    [Fact]
    public async Task Directory_source_reads_a_file_and_returns_null_for_a_missing_one()
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
