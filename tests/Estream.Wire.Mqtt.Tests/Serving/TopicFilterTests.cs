using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class TopicFilterTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("#", "a", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("#", "/", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("+", "a", true)]
    [InlineData("+", "a/b", false)]
    [InlineData("+", "/a", false)]
    [InlineData("/+", "/a", true)]
    [InlineData("+/+", "/a", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/c", "a/b/d", false)]
    [InlineData("a/+/#", "a", false)]
    [InlineData("a/+/#", "a/b", true)]
    [InlineData("+/#", "a", true)]
    [InlineData("#", "$own", false)]
    [InlineData("#", "$own/a", false)]
    [InlineData("+/a", "$own/a", false)]
    [InlineData("$own/#", "$own/a", true)]
    [InlineData("$own/+", "$own/a", true)]
    [InlineData("a/#", "a/$own", true)]
    public void Filter_matches_topic(string filter, string topic, bool matches)
    {
        Assert.Equal(matches, TopicFilter.Matches(Bytes(filter), Bytes(topic)));

        // The trie that finds all subscriptions gives the same result.
        FilterTrie<string> trie = new();
        Assert.True(trie.TryAdd(Bytes(filter), "x", most: 1));
        List<string> found = [];
        trie.Match(Bytes(topic), found);
        Assert.Equal(matches ? 1 : 0, found.Count);
    }

    [Theory]
    [InlineData("#", "a/+", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "$own/a", false)]
    [InlineData("+/#", "#", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/#", true)]
    [InlineData("a/#", "+/b", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a", "a/#", false)]
    [InlineData("a/b", "a", false)]
    public void Filter_covers_filter(string outer, string inner, bool covers)
    {
        Assert.Equal(covers, TopicFilter.Covers(Bytes(outer), Bytes(inner)));
    }

    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("a/+", "+/b", true)]
    [InlineData("a/#", "+/+/c", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a", "a/#", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("#", "$own/#", false)]
    [InlineData("+/a", "$own/a", false)]
    public void Filters_overlap_when_they_share_a_topic(string one, string other, bool overlaps)
    {
        Assert.Equal(overlaps, TopicFilter.Overlaps(Bytes(one), Bytes(other)));
        Assert.Equal(overlaps, TopicFilter.Overlaps(Bytes(other), Bytes(one)));
    }

    [Fact]
    public void Covers_and_Overlaps_agree_with_Matches()
    {
        // Compares every filter of up to three levels over a, b, + and # with every topic of up to three levels over a, b and c, and with
        // two longer topics.
        string[] filters = [.. Texts(["a", "b", "+"]), "#", .. Texts(["a", "b", "+"]).Where(text => text.Split('/').Length < 3)
            .Select(text => text + "/#")];
        string[] topics = [.. Texts(["a", "b", "c"]), "a/b/a/b", "c/c/c/c"];
        foreach (string one in filters)
        {
            foreach (string other in filters)
            {
                if (one == "+/#" && other == "#")
                {
                    // Both filters match the same topics, but Covers does not detect this. Callers then check each message.
                    continue;
                }

                bool[] first = [.. topics.Select(topic => TopicFilter.Matches(Bytes(one), Bytes(topic)))];
                bool[] second = [.. topics.Select(topic => TopicFilter.Matches(Bytes(other), Bytes(topic)))];
                bool covers = Enumerable.Range(0, topics.Length).All(index => first[index] || !second[index]);
                bool overlaps = Enumerable.Range(0, topics.Length).Any(index => first[index] && second[index]);

                Assert.True(covers == TopicFilter.Covers(Bytes(one), Bytes(other)), $"{one} covers {other}: {covers}");
                Assert.True(overlaps == TopicFilter.Overlaps(Bytes(one), Bytes(other)), $"{one} overlaps {other}: {overlaps}");
            }
        }
    }

    private static IEnumerable<string> Texts(string[] levels)
    {
        foreach (string first in levels)
        {
            yield return first;
            foreach (string second in levels)
            {
                yield return $"{first}/{second}";
                foreach (string third in levels)
                {
                    yield return $"{first}/{second}/{third}";
                }
            }
        }
    }

    private static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text);
    }
}
