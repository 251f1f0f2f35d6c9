using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Marketplace.Toml;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>Values written in any TOML notation read back equal, and any bytes are read without an exception.</summary>
public sealed class TomlPropertyTests
{
    private static readonly string[] s_texts =
        ["", "a", "a b", "\"", "'", "'''", "\"\"\"", "\\", "\t", "\n", "\r\n", "\u0000", "\u007f", "é", "😀", "#", "= [1]", "key.with.dots",
            "\ufeff", "end\\"];

    [Fact]
    public void Written_TOML_reads_back_equal() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            Writer writer = new(seed);
            Dictionary<string, object> tree = writer.Table(0);
            string toml = writer.Text(tree);
            TomlReadResult result = TomlReader.Read(Encoding.UTF8.GetBytes(toml));
            Assert.True(result.Root is not null, $"{result.Error}\n{toml}");
            TomlSuite.AssertSame(JsonSerializer.SerializeToElement(tree), TaggedJson.Of(result.Root));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(300, 20_000)));

    [Fact]
    public void Any_bytes_are_read_without_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            TomlReadResult result = TomlReader.Read(bytes);
            Assert.True(result.Root is null != result.Error is null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(1_000, 100_000)));

    [Fact]
    public void Any_text_round_trips_through_a_quoted_string() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null && IsWhole(text)), text =>
        {
            TomlReadResult result = TomlReader.Read(Encoding.UTF8.GetBytes($"{Writer.Quoted(text)} = {Writer.Quoted(text)}"));
            Assert.Equal(text, Assert.IsType<TomlString>(result.Root!.Find(text)!.Value).Value);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(300, 20_000)));

    private static bool IsWhole(string text) => text.EnumerateRunes().All(rune => rune.Value != 0xFFFD);

    /// <summary>Generates a random tree in the tagged form of the suite, and writes the tree in a random TOML notation.</summary>
    private sealed class Writer(int seed)
    {
        private const int MaxDepth = 4;
        private readonly Random _random = new(seed);
        private readonly StringBuilder _toml = new();

        public static string Quoted(string text)
        {
            StringBuilder quoted = new("\"");
            foreach (char c in text)
            {
                quoted.Append(c switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    < ' ' or '\u007f' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                    _ => c.ToString(),
                });
            }

            return quoted.Append('"').ToString();
        }

        public Dictionary<string, object> Table(int depth)
        {
            Dictionary<string, object> table = [];
            for (int i = _random.Next(5); i > 0; i--)
            {
                table[_random.Next(3) == 0 ? s_texts[_random.Next(s_texts.Length)] : $"k{_random.Next(20)}"] = Value(depth + 1);
            }

            return table;
        }

        public string Text(Dictionary<string, object> root)
        {
            WriteBody(root, []);
            return _toml.ToString();
        }

        private object Value(int depth) => _random.Next(depth < MaxDepth ? 12 : 8) switch
        {
            0 or 1 => Tagged("string", s_texts[_random.Next(s_texts.Length)] + s_texts[_random.Next(s_texts.Length)]),
            2 => Tagged("integer", _random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture)),
            3 => Tagged("integer", _random.Next(-10, 10).ToString(CultureInfo.InvariantCulture)),
            4 => Tagged("float",
                _random.Next(4) switch { 0 => "nan", 1 => "inf", 2 => "-inf",
                    _ => BitConverter.Int64BitsToDouble(_random.NextInt64(0x7FEF_FFFF_FFFF_FFFF))
                        .ToString("R", CultureInfo.InvariantCulture) }),
            5 => Tagged("bool", _random.Next(2) == 0 ? "true" : "false"),
            6 => Tagged("date-local",
                new DateTime(_random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Unspecified).ToString("yyyy-MM-dd",
                    CultureInfo.InvariantCulture)),
            7 => Tagged("datetime",
                new DateTime(_random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Unspecified).ToString("yyyy-MM-ddTHH:mm:ss.fffZ",
                    CultureInfo.InvariantCulture)),
            8 or 9 => Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)).ToArray(),
            _ => Table(depth),
        };

        private static Dictionary<string, object> Tagged(string type, string value) => new() { ["type"] = type, ["value"] = value };

        private static bool IsValue(object value) =>
            value is Dictionary<string, object> { Count: 2 } map && map.TryGetValue("type", out object? type) && type is string;

        /// <summary>Writes values first, then the tables with their own headers.</summary>
        private void WriteBody(Dictionary<string, object> table, string[] path)
        {
            List<(string Key, Dictionary<string, object> Value)> headed = [];
            foreach ((string key, object value) in table)
            {
                if (value is Dictionary<string, object> inner && !IsValue(value) && _random.Next(3) > 0)
                {
                    headed.Add((key, inner));
                    continue;
                }

                _toml.Append(Blanks()).Append(Key(key)).Append(Blanks()).Append('=').Append(Blanks()).Append(Inline(value)).Append(End());
            }

            foreach ((string key, Dictionary<string, object> value) in headed)
            {
                string[] full = [.. path, key];
                _toml.Append(Blanks()).Append('[').Append(string.Join(Blanks() + "." + Blanks(), full.Select(Key))).Append(']')
                    .Append(End());
                WriteBody(value, full);
            }
        }

        private string Inline(object value) => value switch
        {
            object[] items =>
                "[" + Lines()
                    + string.Concat(
                        items.Select((item, i) => Inline(item) + Lines() + (i < items.Length - 1 || _random.Next(2) == 0 ? "," : "")
                            + Lines())) + "]",
            Dictionary<string, object> map when IsValue(map) => Scalar((string)map["type"], (string)map["value"]),
            Dictionary<string, object> map =>
                "{" + string.Join(",",
                    map.Select(entry => Blanks() + Key(entry.Key) + Blanks() + "=" + Blanks() + Inline(entry.Value) + Blanks())) + "}",
            _ => throw new InvalidOperationException(),
        };

        private string Scalar(string type, string value) => type switch
        {
            "string" => Spelled(value),
            "float" when !value.Contains('.', StringComparison.Ordinal) && !value.Contains('E', StringComparison.Ordinal)
                && value[^1] is >= '0' and <= '9' => value + ".0",
            "datetime" when _random.Next(2) == 0 => value.Replace('T', ' '),
            _ => value,
        };

        private string Spelled(string text)
        {
            bool isPlain = text.All(c => c is '\t' or (>= ' ' and not '\u007f'));
            return _random.Next(3) switch
            {
                0 when isPlain && !text.Contains('\'', StringComparison.Ordinal) => $"'{text}'",
                1 => "\"\"\"" + (_random.Next(2) == 0 ? "\n" : "") + Quoted(text)[1..^1] + "\"\"\"",
                _ => Quoted(text),
            };
        }

        private string Key(string key) =>
            key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && _random.Next(2) == 0 ? key
            : key.All(c => c is '\t' or (>= ' ' and not '\'' and not '\u007f')) && _random.Next(2) == 0 ? $"'{key}'"
            : Quoted(key);

        private string Blanks() => _random.Next(4) switch { 0 => " ", 1 => "\t ", _ => "" };

        private string Lines() => _random.Next(4) switch { 0 => "\n", 1 => " # é\r\n\t", _ => Blanks() };

        private string End() => _random.Next(4) switch { 0 => " # a comment\n", 1 => "\r\n\r\n", _ => "\n" };
    }
}
