using System.Globalization;
using System.Text;
using Estream.Marketplace.Names;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Names;

/// <summary>Compares UTS #39 skeletons with ICU.</summary>
public sealed class NameSkeletonTests
{
    private const string Peer = "tests/Estream.Marketplace.Tests/Names/unicode_tables.py";

    [Theory]
    [InlineData("paypal", "раураl")]
    [InlineData("paypal", "paypaI")]
    [InlineData("modern", "rnodern")]
    [InlineData("g00gle", "gOOgle")]
    [InlineData("acme", "ac\u200Dme")]
    public void Texts_that_look_alike_have_equal_skeletons(string one, string other) =>
        Assert.Equal(NameSkeleton.Of(one), NameSkeleton.Of(other));

    [Theory]
    [InlineData("doors", "doers")]
    [InlineData("acme", "acne")]
    public void Texts_that_look_different_have_different_skeletons(string one, string other) =>
        Assert.NotEqual(NameSkeleton.Of(one), NameSkeleton.Of(other));

    // In each pair, one text is composed or has its marks in another order: without normalization before and after the mapping, their
    // skeletons would differ.
    [Theory]
    [InlineData("caf\u00E9", "cafe\u0301")]
    [InlineData("a\u0323\u0301", "a\u0301\u0323")]
    [InlineData("\u1EAD", "\u0430\u0302\u0323")]
    [InlineData("\uD55C", "\u1112\u1161\u11AB")]
    public void Skeleton_uses_NFD_both_sides(string one, string other) => Assert.Equal(NameSkeleton.Of(one), NameSkeleton.Of(other));

    [PeerFact("python3", "python3")]
    public void Skeletons_match_ICU()
    {
        Random random = new(39);
        string[] texts = [.. Enumerable.Range(0, LongRun.Count(20_000, 1_000_000)).Select(_ => Text(random))
            .Where(text => !text.EnumerateRunes().Any(HiddenCharacters.IsHidden))];
        string[] theirs = Ask(["skeletons"], string.Join('\n', texts.Select(Hexadecimal)) + "\n");
        Assert.Equal(texts.Length, theirs.Length);
        Assert.Equal(theirs, texts.Select(text => Hexadecimal(NameSkeleton.Of(text))));
        Assert.Contains(texts, text => NameSkeleton.Of(text) != text);
    }

    [PeerFact("python3", "python3")]
    public void Unicode_table_matches_ICU() =>
        Assert.Equal(Ask([], ""),
            File.ReadAllLines(RepositoryRoot.Combine("src", "Estream.Marketplace", "Packaging", "Names", "unicode.txt")));

    // Returns letters, marks and symbols of the assigned planes, in random order and in runs of marks.
    private static string Text(Random random)
    {
        StringBuilder text = new();
        for (int length = random.Next(1, 9); length > 0; length--)
        {
            int code = random.Next(8) switch
            {
                0 => random.Next(0x300, 0x370),
                1 => random.Next(0xAC00, 0xD7A4),
                2 => random.Next(0x1D400, 0x1D800),
                3 => random.Next(0x1F00, 0x2200),
                4 => random.Next(' ', 0x7F),
                _ => random.Next(0xA0, 0x3100),
            };
            text.Append(new Rune(code));
        }

        return text.ToString();
    }

    private static string Hexadecimal(string text) =>
        string.Join(' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X", CultureInfo.InvariantCulture)));

    private static string[] Ask(string[] arguments, string input)
    {
        using TempDirectory folder = new();
        string file = folder.Combine("input");
        File.WriteAllText(file, input);
        return ChildProcess.Run("sh",
            ["-c", "python3 \"$0\" \"$@\" < \"$INPUT\"".Replace("$INPUT", file, StringComparison.Ordinal),
                RepositoryRoot.Combine(Peer.Split('/')), .. arguments])
            .EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
