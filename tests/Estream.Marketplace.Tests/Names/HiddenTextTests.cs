using System.Text;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Tests.Packages;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Names;

/// <summary>Hidden characters in the files of a component are reported before the component is packed.</summary>
public sealed class HiddenTextTests : PackageCase
{
    [Theory]
    [InlineData("let a = 1;\nif (admin\u202E) {}", 2, 10, "U+202E")]
    [InlineData("const \u3164 = 0;", 1, 7, "U+3164")]
    [InlineData("é'\uDB40\uDD10'", 1, 3, "U+E0110")]
    [InlineData("x\uFE00", 1, 2, "U+FE00")]
    [InlineData("x\uFE0F", 1, 2, "U+FE0F")]
    [InlineData("a\u200Bb", 1, 2, "U+200B")]
    [InlineData("ad\u200Dmin", 1, 3, "U+200D")]
    [InlineData("// \u2066x\u2069", 1, 4, "U+2066")]
    [InlineData("a\u00ADb", 1, 2, "U+00AD")]
    [InlineData("x\uFEFF", 1, 2, "U+FEFF")]
    [InlineData("echo \u001B[2K", 1, 6, "U+001B")]
    [InlineData("if (a\u200F == b)", 1, 6, "U+200F")]
    [InlineData("\uE123", 1, 1, "U+E123")]
    [InlineData("\uDB40\uDC41", 1, 1, "U+E0041")]
    [InlineData("a\u034Fb", 1, 2, "U+034F")]
    [InlineData("a\u2028b", 1, 2, "U+2028")]
    [InlineData("❤\uFE0F\uFE0F", 1, 3, "U+FE0F")]
    public void Invisible_unicode_in_source_flagged(string text, int line, int column, string what) =>
        Assert.Equal(new HiddenCharacter(line, column, what), HiddenText.Find("src/index.js", Encoding.UTF8.GetBytes(text))[0]);

    [Theory]
    [InlineData("\uFEFFusing System;\r\n\tconst x = \"é ß 漢字 ру\";\f")]
    [InlineData("# Doors ❤\uFE0F 1\uFE0F\u20E3 👩\u200D🚒 👨🏽\u200D🚒 👁\uFE0F\u200D🗨\uFE0F")]
    [InlineData("می\u200Cخواهم क्\u200Dष")]
    [InlineData("\u200Fשלום\u200F (a)\n\u200Eمرحبا")]
    [InlineData("ᠠ\u180B")]
    public void Legitimate_special_characters_are_allowed(string text) =>
        Assert.Empty(HiddenText.Find("README.md", Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void File_with_text_extension_is_scanned_whatever_its_bytes_and_binary_is_skipped()
    {
        byte[] evasive = [.. "a\u202Eb"u8, 0xFF, 0];
        Assert.Equal(["U+202E", "the byte 0xFF, which is not valid UTF-8", "U+0000"],
            HiddenText.Find("src/a.js", evasive).Select(found => found.What));
        Assert.Empty(HiddenText.Find("lib/a.dll", evasive));
        Assert.Empty(HiddenText.Find("data.bin", [.. "a\u202Eb"u8, 0]));
        Assert.Single(HiddenText.Find("bin/start", "a\u202Eb"u8));
    }

    [Fact]
    public void At_most_20_hidden_characters_are_reported_and_long_lines_stay_linear()
    {
        Assert.Equal(20, HiddenText.Find("a.js", Encoding.UTF8.GetBytes(new string('\u202E', 5_000))).Count);
        Assert.Empty(HiddenText.Find("a.md", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab\u200E", 700_000)) + "ש")));
    }

    [Fact]
    public void Component_with_hidden_text_is_reported_with_position_and_not_packed()
    {
        string source = RepositoryRoot.Combine(ComponentFolders[0]);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Room.Combine(Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Assert.NotNull(ComponentFolder.Read(Room.Path).Package);
        File.WriteAllText(Room.Combine("README.md"), "# Pack\n\nReads \u2067 no files.\n");
        ComponentFolder read = ComponentFolder.Read(Room.Path);
        Assert.Null(read.Package);
        string mistake = Assert.Single(read.Errors).ToString();
        Assert.Contains($"README.md(3,7): error {ManifestCodes.Hidden}: U+2067", mistake, StringComparison.Ordinal);
    }
}
