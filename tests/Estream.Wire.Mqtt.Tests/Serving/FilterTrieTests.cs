using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class FilterTrieTests
{
    private static readonly string[] s_levels = ["a", "b", "", "$x", "+"];

    [Fact]
    public void Match_finds_the_same_as_a_scan_of_all_filters()
    {
        Random random = new(20261122);
        FilterTrie<string> trie = new();
        List<(string Filter, string Value)> pairs = [];
        List<string> found = [];
        int rounds = LongRun.Count(20_000, 2_000_000);
        for (int round = 0; round < rounds; round++)
        {
            if (pairs.Count > 0 && random.Next(3) == 0)
            {
                (string filter, string value) = pairs[random.Next(pairs.Count)];
                pairs.Remove((filter, value));
                Assert.True(trie.Remove(Bytes(filter), value));
            }
            else if (pairs.Count < 100)
            {
                string filter = Filter(random);
                string value = $"v{random.Next(8)}";
                pairs.Add((filter, value));
                Assert.True(trie.TryAdd(Bytes(filter), value, int.MaxValue));
            }

            string topic = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => s_levels[random.Next(4)]));
            found.Clear();
            trie.Match(Bytes(topic), found);
            string[] expected = [.. pairs.Where(pair => TopicFilter.Matches(Bytes(pair.Filter), Bytes(topic))).Select(pair => pair.Value)];
            Assert.True(
                expected.Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal)),
                $"round {round}: '{topic}' found {string.Join(",", found)} instead of {string.Join(",", expected)}");
            Assert.Equal(pairs.Count, trie.Count);
        }
    }

    [Fact]
    public void Remove_returns_false_for_a_missing_value_and_TryAdd_respects_the_limit()
    {
        FilterTrie<string> trie = new();

        Assert.True(trie.TryAdd("a/+/#"u8, "x", most: 1));
        Assert.False(trie.TryAdd("b"u8, "x", most: 1));
        Assert.False(trie.Remove("a/+/#"u8, "y"));
        Assert.False(trie.Remove("a/+"u8, "x"));
        Assert.False(trie.Remove("a/b/#"u8, "x"));
        Assert.True(trie.Remove("a/+/#"u8, "x"));
        Assert.False(trie.Remove("a/+/#"u8, "x"));
        Assert.True(trie.TryAdd("b"u8, "x", most: 1));
    }

    [Fact]
    public void Match_does_not_allocate()
    {
        FilterTrie<string> trie = new();
        for (int number = 0; number < 100; number++)
        {
            trie.TryAdd(Encoding.UTF8.GetBytes($"devices/{number}/commands"), "x", int.MaxValue);
        }

        trie.TryAdd("devices/+/commands"u8, "y", int.MaxValue);
        trie.TryAdd("#"u8, "z", int.MaxValue);
        List<string> found = new(16);
        byte[] topic = "devices/57/commands"u8.ToArray();
        trie.Match(topic, found);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 0; number < 1_000; number++)
        {
            found.Clear();
            trie.Match(topic, found);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(["z", "y", "x"], found);
    }

    private static string Filter(Random random)
    {
        string levels = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => s_levels[random.Next(5)]));
        return random.Next(4) switch
        {
            0 => "#",
            1 => levels + "/#",
            _ => levels.Length == 0 ? "/" : levels,
        };
    }

    private static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text);
    }
}
