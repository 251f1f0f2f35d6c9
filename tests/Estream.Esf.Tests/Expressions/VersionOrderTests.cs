using System.Text;
using Estream.Esf.Expressions.Execution;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Esf.Tests.Expressions;

/// <summary>Versions in expressions have the same order as versions of packs.</summary>
public sealed class VersionOrderTests
{
    private static readonly string[] s_words =
        ["0", "1", "9", "10", "01", "2147483647", "2147483648", "rc", "RC", "alpha", "-", "a-b", "1a", "", "é"];

    [Fact]
    public void TryCompare_orders_the_examples_of_the_SemVer_standard()
    {
        string[] ascending = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"];
        for (int i = 0; i < ascending.Length; i++)
        {
            for (int j = 0; j < ascending.Length; j++)
            {
                Assert.True(
                    VersionOrder.TryCompare(Encoding.UTF8.GetBytes(ascending[i]), Encoding.UTF8.GetBytes(ascending[j]), out int order));
                Assert.Equal(i.CompareTo(j), Math.Sign(order));
            }
        }
    }

    [Fact]
    public void VersionOrder_and_SemanticVersion_agree_on_random_texts()
    {
        int both = 0;
        for (int seed = 0; seed < LongRun.Count(50_000, 2_000_000); seed++)
        {
            Random random = new(seed);
            (string one, string other) = (Text(random), Text(random));
            bool areVersions = SemanticVersion.TryParse(one, out SemanticVersion? a, out _) & SemanticVersion.TryParse(other,
                out SemanticVersion? b, out _);
            bool compared = VersionOrder.TryCompare(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other), out int order);
            Assert.True(areVersions == compared, $"seed {seed}: {one} and {other}");
            Assert.True(!compared || Math.Sign(a!.CompareTo(b)) == Math.Sign(order), $"seed {seed}: {one} and {other}");
            both += compared ? 1 : 0;
        }

        Assert.True(both > 5_000, $"{both} pairs were versions");
    }

    private static string Text(Random random)
    {
        StringBuilder text = new();
        text.AppendJoin('.',
            Enumerable.Range(0, random.Next(20) == 0 ? random.Next(5) : 3)
                .Select(_ => s_words[random.Next(random.Next(8) == 0 ? s_words.Length : 4)]));
        if (random.Next(2) == 0)
        {
            text.Append('-').AppendJoin('.', Words(random));
        }

        return random.Next(4) == 0 ? text.Append('+').AppendJoin('.', Words(random)).ToString() : text.ToString();
    }

    private static IEnumerable<string> Words(Random random) =>
        Enumerable.Range(0, random.Next(1, 4)).Select(_ => s_words[random.Next(random.Next(6) == 0 ? s_words.Length : s_words.Length - 3)]);
}
