using System.Text;
using Estream.Marketplace;
using Estream.Marketplace.Names;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Passes texts and bytes of all kinds to the comparison of names and to the search for hidden characters: nothing throws, and the
/// answers are consistent. A failure names its seed.</summary>
public sealed class NamesFuzzTests
{
    private static readonly string[] s_parts =
    [
        "let a = 1;\n", "é", "e\u0301", "раураl", "paypal", "rn", "\u202E", "\u2066", "\u200D", "\u200C", "\u200B", "\uFEFF", "\uFE0F",
        "\uFE00", "\uDB40\uDD10", "❤", "👩", "🚒", "ש", "\u200F", "क्", "ष", "\u3164", "\u00AD", "한", "\u1112\u1161\u11AB",
        "\uD800", "\uDC00", "\0", "\u001B[", "\r\n", "\n", " ", "\t", "\uE000", "\u2028", "\U000E0041", "\u034F", "漢", "Ω", "1", "l", "I",
        "O", "0", "-", "_", ".",
    ];

    [Fact]
    public void A_name_skeleton_is_idempotent_and_similarity_is_symmetric()
    {
        for (int seed = 0; seed < LongRun.Count(20_000, 2_000_000); seed++)
        {
            Random random = new(seed);
            string one = Text(random), other = random.Next(2) == 0 ? Text(random) : NameSkeleton.Of(one);
            string skeleton = NameSkeleton.Of(one);
            Assert.True(skeleton == NameSkeleton.Of(skeleton), $"seed {seed}: {one}");
            Assert.True(IsLike(one, other) == IsLike(other, one), $"seed {seed}: {one}, {other}");
            Assert.True(one.Length == 0 || IsLike(one, one), $"seed {seed}: {one}");
            string? word = MixedScripts.FirstWordOf(one);
            Assert.True(word is null || MixedScripts.FirstWordOf(word) == word, $"seed {seed}: {one}");
        }
    }

    [Fact]
    public void Hidden_characters_have_a_position_in_the_file()
    {
        int found = 0, none = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 2_000_000); seed++)
        {
            Random random = new(seed);
            byte[] content = Encoding.UTF8.GetBytes(Text(random));
            content = random.Next(3) == 0 && content.Length > 0 ? Crypto.Damage.Of(content, random) : content;
            IReadOnlyList<HiddenCharacter> hidden = HiddenText.Find(random.Next(2) == 0 ? "a.js" : "a.bin", content);
            int lines = 1 + content.Count(unit => unit == '\n');
            Assert.All(hidden,
                one => Assert.True(one.Line >= 1 && one.Line <= lines && one.Column >= 1 && one.Column <= content.Length
                    && one.What.Length > 0, $"seed {seed}: {one}"));
            Assert.True(hidden.Zip(hidden.Skip(1))
                .All(pair => (pair.First.Line, pair.First.Column).CompareTo((pair.Second.Line, pair.Second.Column)) <= 0), $"seed {seed}");
            (found, none) = hidden.Count > 0 ? (found + 1, none) : (found, none + 1);
        }

        Assert.True(found > 100 && none > 100, $"{found} with hidden text and {none} without: the texts do not produce both outcomes");
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => s_parts[random.Next(s_parts.Length)]));

    private static bool IsLike(string one, string other) =>
        new KnownNames([new KnownName(ComponentName.Parse("@a/b"), one)]).SimilaritiesOf(ComponentName.Parse("@c/d"), other).Count > 0;
}
