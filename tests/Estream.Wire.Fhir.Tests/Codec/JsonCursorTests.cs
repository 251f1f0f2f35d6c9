using System.Text;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Tests.Codec;

/// <summary>The tokens of the cursor are those of <see cref="Utf8JsonReader"/>, and it refuses the same texts.</summary>
public sealed class JsonCursorTests
{
    // Rules of RFC 8259 that a reader can miss.
    public static TheoryData<string> Texts => new()
    {
        "", " ", "{", "}", "[", "]", "[}", "{]", "{}", "[]", " [ ] ", "{}{}", "[1] x", "[1],", "null", "nul", "nulll", "true", "tru",
        "false",
        "1", "-1", "-", "+1", "01", "-01", "0", "-0", "1.", "1.5", ".5", "1e", "1e+", "1E-3", "1.5e3", "1e3.", "1a", "[1 2]", "[1,]",
        "[,1]",
        "[1,,2]", """{"a"}""", """{"a":}""", """{"a":1,}""", """{,"a":1}""", """{"a":1 "b":2}""", """{"a" : 1 , "b" : [ ] }""", "{a:1}", "{1:1}",
        """{"a":1]""", """["a}""", "\"", "\"\\", "\"\\\"", """["\"","\\","\/","\b\f\n\r\t"]""", """["\x"]""", """["\u12"]""", """["\u12g4"]""",
        """["\u00e9\ud83d\ude00"]""", "[\"a\nb\"]", "[\"a\u007f\"]", "[\"\u00e9\"]", "[\"0123456789012345678901234567890\u00e9\"]",
        """["0123456789012345678901234567890"]""", """["01234567890123456789012345678901234567890123456789\n"]""",
        """{"01234567890123456789012345678901234\u0041":"0123456789012345678901234567890123"}""", "//c\n1", "/*c*/1", "\uFEFF1", "[\u00a01]",
        "[1]\0", "\t[\r\n1]\f", "'a'", "NaN", "[1][", """{"a":{"b":[{"c":[[],{},[{}]]}]}}""",
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Tokens_are_those_of_the_library(string text) => AssertSame(Encoding.UTF8.GetBytes(text));

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void Tokens_of_official_examples_are_those_of_the_library(string name) => AssertSame(Samples.Read(name));

    // The cursor searches for quotes in blocks of 64 bytes, so each text starts at each offset in a block.
    [Theory]
    [InlineData("""["a\"b","c\\","\\\"","d"]""")]
    [InlineData("[\"a\nb\"]")]
    [InlineData("[\"a\",\n\"b\"]")]
    [InlineData("[\"\u00e9\",\"b\"]")]
    [InlineData("[\"a\",1]x")]
    [InlineData("[\"a")]
    public void Strings_are_found_wherever_a_block_begins(string text)
    {
        for (int place = 0; place < 2 * 64; place++)
        {
            AssertSame(Encoding.UTF8.GetBytes($"[\"{new string('x', place)}\",{text}]"));
            AssertSame(Encoding.UTF8.GetBytes(new string(' ', place) + text));
        }
    }

    [Theory]
    [InlineData(JsonCursor.MaxDepth)]
    [InlineData(JsonCursor.MaxDepth + 1)]
    public void Depth_has_the_limit_of_the_library(int depth)
    {
        AssertSame(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));
        AssertSame(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth)));
    }

    [Property(5_000, 10_000_000)]
    public void Tokens_of_damaged_texts_are_those_of_the_library(byte[] noise, int place, byte value, int cut)
    {
        byte[] json = Encoding.UTF8.GetBytes("""
            {"resourceType":"Observation","a":[true,false,null,-1.50e+3,{"b":"text that is longer than a block of the search"}],
             "c":"\u00e9\ud83d\ude00 \"quoted\"","d":{},"e":[[]],"ünï":"ö, and so on until a second block begins",  "f":0.10 }
            """);
        int at = (int)((uint)place % json.Length);
        json[at] = value;
        noise.AsSpan(0, Math.Min(noise.Length, json.Length - at)).CopyTo(json.AsSpan(at));
        AssertSame(json);
        AssertSame(json[..(int)((uint)cut % json.Length)]);
    }

    [Fact]
    public void Skip_ends_at_the_end_of_the_value()
    {
        JsonCursor cursor = new("""{"a":[1,{"b":[2]}],"c":3}"""u8);
        cursor.Read();
        cursor.Read();
        cursor.Read();
        cursor.Skip();
        Assert.Equal(JsonTokenType.EndArray, cursor.TokenType);
        Assert.Equal("""{"a":[1,{"b":[2]}]""".Length, cursor.Consumed);
        Assert.True(cursor.Read());
        Assert.Equal("c"u8, cursor.Value);
    }

    [Theory]
    [InlineData(""" "\ud83d" """)]
    [InlineData(""" "\ude00\ud83d" """)]
    public void Half_a_surrogate_pair_is_malformed_when_it_is_copied(string text)
    {
        JsonCursor cursor = new(Encoding.UTF8.GetBytes(text));
        Assert.True(cursor.Read());
        Assert.Equal(0, cursor.CopyString(new byte[32]));
        Assert.True(cursor.IsMalformed);
        Assert.False(cursor.Read());
    }

    /// <summary>Whether the cursor accepts a text that is read by members and items.</summary>
    private static bool IsAccepted(byte[] json)
    {
        JsonCursor cursor = new(json);
        if (cursor.Read())
        {
            Walk(ref cursor);
        }

        return !cursor.Read() && !cursor.IsMalformed;
    }

    private static void Walk(ref JsonCursor cursor)
    {
        if (cursor.TokenType == JsonTokenType.StartObject)
        {
            while (cursor.ReadName() && cursor.ReadValue())
            {
                Walk(ref cursor);
            }
        }
        else if (cursor.TokenType == JsonTokenType.StartArray)
        {
            while (cursor.ReadItem())
            {
                Walk(ref cursor);
            }
        }
    }

    private static void AssertSame(byte[] json)
    {
        JsonCursor cursor = new(json);
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
        bool isRead;
        do
        {
            try
            {
                isRead = reader.Read();
            }
            catch (JsonException)
            {
                while (cursor.Read())
                {
                }

                Assert.True(cursor.IsMalformed && !IsAccepted(json), Encoding.UTF8.GetString(json));
                return;
            }

            Assert.True(cursor.Read() == isRead, Encoding.UTF8.GetString(json));
            Assert.False(cursor.IsMalformed);
            if (isRead)
            {
                AssertSameToken(in reader, cursor);
            }
        }
        while (isRead);

        Assert.True(IsAccepted(json), Encoding.UTF8.GetString(json));
    }

    private static void AssertSameToken(in Utf8JsonReader reader, JsonCursor cursor)
    {
        Assert.Equal(reader.TokenType, cursor.TokenType);
        Assert.Equal((int)reader.TokenStartIndex, cursor.TokenStart);
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName or JsonTokenType.String:
                Assert.Equal(reader.ValueSpan, cursor.Value);
                Assert.Equal(reader.ValueIsEscaped, cursor.IsEscaped);
                Assert.Equal(Ascii.IsValid(reader.ValueSpan), cursor.IsAscii);
                break;
            case JsonTokenType.Number:
                Assert.Equal(reader.ValueSpan, cursor.Value);
                break;
        }
    }
}
