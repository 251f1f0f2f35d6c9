namespace Estream.Esf.Tests;

/// <summary>A JSON member belongs to the field with its name, at any position and in any notation. The names share prefixes, and the schema
/// has more fields than the encoder looks ahead.</summary>
public sealed class JsonNamesTests
{
    private static readonly string[] s_names =
        [.. Enumerable.Range(0, 40).Select(number => $"a{new string('b', number / 4)}{(char)('a' + (number % 4))}")];

    private static readonly EsfSchema s_schema =
        Schemas.One("Names:\n  fields:\n" + string.Join('\n', s_names.Select(name => $"    {name}: {{ type: u32, optional: true }}")));

    private static readonly byte[] s_expected = Schemas.Encode(s_schema, Json(s_names, name => $"\"{name}\":"));

    [Fact]
    public void TryEncode_accepts_members_in_any_order()
    {
        for (int first = 0; first < s_names.Length; first++)
        {
            string[] rotated = [.. s_names[first..], .. s_names[..first]];
            Assert.Equal(s_expected, Schemas.Encode(s_schema, Json(rotated, name => $"\"{name}\":")));
            Assert.Equal(s_expected, Schemas.Encode(s_schema, Json(Enumerable.Reverse(rotated), name => $"\"{name}\":")));
        }
    }

    [Fact]
    public void TryEncode_accepts_white_space_around_and_escapes_in_names()
    {
        Assert.Equal(s_expected, Schemas.Encode(s_schema, Json(s_names, name => $"\n\"{name}\" :")));
        Assert.Equal(s_expected, Schemas.Encode(s_schema, Json(s_names, name => $" \"{name}\": ")));
        Assert.Equal(s_expected, Schemas.Encode(s_schema, Json(s_names, name => $"\"\\u0061{name[1..]}\":")));
    }

    [Fact]
    public void TryEncode_accepts_any_subset_of_optional_fields()
    {
        for (int step = 1; step <= s_names.Length; step++)
        {
            for (int first = 0; first < step && first < s_names.Length; first++)
            {
                string json = Json(s_names.Where((_, place) => place % step == first), name => $"\"{name}\":");
                Assert.Equal(json, Schemas.Print(s_schema, Schemas.Encode(s_schema, json)));
            }
        }
    }

    [Fact]
    public void TryEncode_rejects_a_name_that_only_begins_like_a_field()
    {
        foreach (string name in s_names)
        {
            Assert.Equal(EsfError.UnknownMember, Schemas.TryEncode(s_schema, $"{{\"{name}x\":1}}").Error);
            Assert.Equal(EsfError.UnknownMember, Schemas.TryEncode(s_schema, $"{{\"{name} \":1}}").Error);
            Assert.Equal(EsfError.MalformedJson, Schemas.TryEncode(s_schema, $"{{\"{name}\"").Error);
            Assert.Equal(EsfError.MalformedJson, Schemas.TryEncode(s_schema, $"{{\"{name}").Error);
            Assert.Equal(EsfError.DuplicateMember, Schemas.TryEncode(s_schema, $"{{\"{name}\":1,\"{name}\":1}}").Error);
        }
    }

    private static string Json(IEnumerable<string> names, Func<string, string> member) =>
        "{" + string.Join(',', names.Select(name => $"{member(name)}{Array.IndexOf(s_names, name)}")) + "}";
}
