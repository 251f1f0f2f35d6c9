using System.Text;
using Estream.Marketplace.Json;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Reads texts that are JSON, nearly JSON, and not JSON: every accepted text is written canonically, read again as the same value,
/// and read by the framework's reader with the same meaning. A failure names the seed that repeats it.</summary>
public sealed class JsonFuzzTests
{
    private static readonly JsonLimits s_limits = new(4 << 10, 8, 200);

    private static readonly string[] s_parts =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\"b\":", "\"\\u0041\"", "\"\\ud83d\\ude02\"", "\"\\ud800\"", "0", "-1",
        "9007199254740991", "9007199254740992", "1.5", "1e3", "true", "false", "null",
        " ", "\n", "\t", "\ufeff", "é", "😂", "\\", "\\n", "//", "\u0000", "\u007f", "\uffff", "{\"x\":[1,{\"y\":null}]}", "[[[]]]",
    ];

    [Fact]
    public void Accepted_JSON_has_the_same_meaning_for_System_Text_Json()
    {
        (int taken, int refused) = (0, 0);
        for (int seed = 0; seed < LongRun.Count(30_000, 2_000_000); seed++)
        {
            Random random = new(seed);
            byte[] text = random.Next(3) == 0
                ? Damaged(random)
                : Encoding.UTF8.GetBytes(
                    string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => s_parts[random.Next(s_parts.Length)])));
            try
            {
                if (Check(text))
                {
                    taken++;
                }
                else
                {
                    refused++;
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(text)}", failure);
            }
        }

        Assert.True(taken > 100 && refused > 100, $"{taken} were accepted and {refused} rejected: the texts do not produce both outcomes");
    }

    private static bool Check(byte[] text)
    {
        if (!StrictJsonReader.TryRead(text, s_limits, out JsonValue? value, out JsonFault? fault))
        {
            Assert.InRange(fault.Offset, 0, text.Length);
            Assert.NotEmpty(fault.Reason);
            return false;
        }

        byte[] canonical = CanonicalJson.Write(value);
        Assert.True(StrictJsonReader.TryReadCanonical(canonical, s_limits, out JsonValue? again, out _));
        Assert.Equal(canonical, CanonicalJson.Write(again));
        using System.Text.Json.JsonDocument theirs = System.Text.Json.JsonDocument.Parse(text),
            ours = System.Text.Json.JsonDocument.Parse(canonical);
        Assert.True(System.Text.Json.JsonElement.DeepEquals(theirs.RootElement, ours.RootElement));
        return true;
    }

    private static byte[] Damaged(Random random)
    {
        JsonValue value = Value(random, 4);
        byte[] text = CanonicalJson.Write(value);
        for (int i = random.Next(3); i > 0; i--)
        {
            text[random.Next(text.Length)] = (byte)random.Next(256);
        }

        return text;
    }

    private static JsonValue Value(Random random, int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => new JsonText(s_parts[^(1 + random.Next(2))] + random.Next(100)),
        1 => new JsonInteger(random.NextInt64(-JsonInteger.Largest, JsonInteger.Largest)),
        2 => new JsonBoolean(random.Next(2) == 0),
        3 => JsonNull.Instance,
        4 => JsonArray.Of(Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))),
        _ => Members(random, depth - 1),
    };

    private static JsonObject Members(Random random, int depth)
    {
        JsonObject members = new();
        for (int i = random.Next(4); i > 0; i--)
        {
            members.TryAdd($"{(char)random.Next(0x20, 0xD000)}{i}", Value(random, depth));
        }

        return members;
    }
}
