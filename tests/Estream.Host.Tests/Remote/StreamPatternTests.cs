using Estream.Circuits;
using Estream.Client;
using Estream.Esf;
using Estream.Host.Remote;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: a widget reads only what its manifest declares and its permissions include.</summary>
public sealed class StreamPatternTests
{
    private static readonly Arbitrary<string> s_hostile = Gen.Elements("lex://", "table:", "acme", "doors", "/", "//", "{", "}", "{x}",
        "{y}", "{X}", "{x", "..", ".", "%", "%2e", "%41", "*", "**", "?", "#", ":", "@", " ", "\0", "\n", "\u00e9", "\ud800", "\u202e",
        "a_b", "-").ArrayOf().Select(parts => string.Concat(parts))
        .SelectMany(text => Gen.Elements(text, "lex://acme/" + text, "lex://acme/doors/" + text, "table:" + text)).ToArbitrary();

    private static readonly Gen<string> s_patterns = Gen.Elements("doors", "windows", "north", "{x}", "{y}").NonEmptyListOf()
        .Select(segments => "lex://acme/" + string.Join('/', segments.Take(4)));

    private static readonly Arbitrary<(string Declared, string Asked)> s_pairs =
        s_patterns.SelectMany(declared => s_patterns.Select(asked => (declared, asked)))
            .SelectMany(pair => Gen.Elements(pair, (pair.declared, pair.declared.Replace("{x}", "{y}", StringComparison.Ordinal)),
                (pair.declared, pair.declared.Replace("{x}", "doors", StringComparison.Ordinal)))).ToArbitrary();

    [Theory]
    [InlineData("")]
    [InlineData("doors")]
    [InlineData("table:")]
    [InlineData("lex://acme")]
    [InlineData("lex://acme/")]
    [InlineData("lex://acme//doors")]
    [InlineData("lex://acme/doors/")]
    [InlineData("lex://acme/../doors")]
    [InlineData("lex://acme/*")]
    [InlineData("lex://acme/doors?all")]
    [InlineData("lex://acme/%64oors")]
    [InlineData("lex://ACME/doors")]
    [InlineData("lex://{owner}/doors")]
    [InlineData("lex://acme/{}")]
    [InlineData("lex://acme/{site")]
    [InlineData("lex://acme/a{site}")]
    [InlineData("lex://acme/{Site}")]
    [InlineData("lex://acme/{site}/{site}")]
    [InlineData("lex://acme/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17")]
    public void Text_that_is_not_a_pattern_is_refused(string text)
    {
        RemoteRefusalException refused = Assert.Throws<RemoteRefusalException>(() => StreamPattern.Parse(text));
        Assert.Equal(ClientStatus.Invalid, refused.Status);
    }

    [Theory]
    [InlineData("lex://acme/doors/{site}", "lex://acme/doors", false)]
    [InlineData("lex://acme/doors/{site}", "lex://acme/doors/north/open", false)]
    [InlineData("lex://acme/doors/{site}", "lex://acme/windows/{site}", false)]
    [InlineData("lex://acme/doors/{site}", "lex://other/doors/{site}", false)]
    [InlineData("lex://acme/doors/north", "lex://acme/doors/{site}", false)]
    [InlineData("lex://acme/{x}/doors/{x}", "lex://acme/{x}/doors/{y}", false)]
    [InlineData("lex://acme/{x}/doors/{x}", "lex://acme/north/doors/south", false)]
    [InlineData("lex://{x}/doors", "lex://acme/doors", false)]
    [InlineData("", "lex://acme/doors", false)]
    [InlineData("lex://acme/{x}/doors/{x}", "lex://acme/north/doors/north", true)]
    [InlineData("lex://acme/doors/{site}", "lex://acme/doors/{any}", true)]
    [InlineData("lex://acme/doors/{site}", "lex://acme/doors/north", true)]
    [InlineData("lex://acme/doors", "lex://acme/doors", true)]
    public void A_pattern_is_declared_if_a_pattern_of_the_manifest_includes_it(string declared, string asked, bool expected) =>
        Assert.Equal(expected, StreamPattern.Parse(asked).IsDeclared([declared], ["doors"]));

    [Theory]
    [InlineData("table:doors", true)]
    [InlineData("table:doors_open", false)]
    [InlineData("table:Doors", false)]
    public void A_table_is_declared_by_its_name(string asked, bool expected) =>
        Assert.Equal(expected, StreamPattern.Parse(asked).IsDeclared(["lex://acme/{all}"], ["doors"]));

    [Theory]
    [InlineData("data:read.doors", "lex://acme/doors", true)]
    [InlineData("data:read.doors", "lex://other/doors/north", true)]
    [InlineData("data:read.doors", "lex://acme/doors_open", false)]
    [InlineData("data:read.doors", "lex://acme/north/doors", false)]
    [InlineData("data:read.doors", "lex://acme/{group}", false)]
    [InlineData("data:read.doors", "table:doors", true)]
    [InlineData("data:read.doors", "table:doors_open", true)]
    [InlineData("data:read.doors", "table:doorsteps", false)]
    [InlineData("data:read.*", "lex://acme/{group}", true)]
    [InlineData("data:read.*", "table:doors", true)]
    [InlineData("queue:read.doors", "lex://acme/doors", false)]
    [InlineData("data:read.", "table:_doors", false)]
    public void A_permission_covers_addresses_of_its_group_and_tables_that_begin_with_it(string permission, string asked, bool expected) =>
        Assert.Equal(expected, StreamPattern.Parse(asked).IsCovered([permission]));

    [Property(2_000, 100_000)]
    public Property Any_text_is_refused_or_is_a_pattern_that_declares_itself() => Prop.ForAll(s_hostile, text =>
    {
        if (Read(text) is not { } pattern)
        {
            return;
        }

        Assert.Equal(text, pattern.ToString());
        Assert.True(pattern.IsDeclared([text], [pattern.Table ?? ""]));
        Assert.True(pattern.IsCovered(["data:read.*"]));
        Assert.False(pattern.IsCovered([]));
        Assert.False(pattern.IsDeclared([], []));
        _ = pattern.TrySelect(LexAddress.Parse("lex://acme/doors"), out _);
    });

    [Property(2_000, 100_000)]
    public Property Whatever_a_declared_pattern_selects_is_declared_and_covered_too() => Prop.ForAll(s_pairs, pair =>
    {
        if (Read(pair.Asked) is not { } asked || !asked.IsDeclared([pair.Declared], []))
        {
            return;
        }

        StreamPattern one = StreamPattern.Parse(pair.Asked.Replace("{x}", "north", StringComparison.Ordinal)
            .Replace("{y}", "south", StringComparison.Ordinal));
        Assert.True(one.IsDeclared([pair.Declared], []));
        Assert.True(!asked.IsCovered(["data:read.doors"]) || one.IsCovered(["data:read.doors"]));
        LexAddress address = LexAddress.Parse(one.ToString());
        Assert.True(asked.TrySelect(address, out EsfAddressPattern? rest));
        Assert.Null(rest);
        Assert.True(Read(pair.Declared)?.TrySelect(address, out _) ?? true);
    });

    [Theory]
    [InlineData("lex://acme/doors", "lex://acme/doors", "")]
    [InlineData("lex://acme/{any}", "lex://acme/doors", "")]
    [InlineData("lex://acme/doors/devices/{id}/telemetry", "lex://acme/doors", "/devices/*/telemetry")]
    [InlineData("lex://acme/doors/devices/pump%207", "lex://acme/doors", "/devices/pump%207")]
    [InlineData("lex://acme/doors", "lex://acme/windows", null)]
    [InlineData("lex://acme/doors", "lex://acme/doors/north", null)]
    [InlineData("lex://acme/doors", "lex://other/doors", null)]
    [InlineData("lex://acme/doorsteps", "lex://acme/doors", null)]
    [InlineData("table:doors", "lex://acme/doors", null)]
    public void A_stream_is_selected_if_its_address_is_a_prefix_of_the_pattern(string pattern, string address, string? expected)
    {
        bool isSelected = StreamPattern.Parse(pattern).TrySelect(LexAddress.Parse(address), out EsfAddressPattern? rest);

        Assert.Equal(expected, isSelected ? $"{rest}" : null);
    }

    private static StreamPattern? Read(string text)
    {
        try
        {
            return StreamPattern.Parse(text);
        }
        catch (RemoteRefusalException refused)
        {
            Assert.Equal(ClientStatus.Invalid, refused.Status);
            Assert.NotEmpty(refused.Message);
            return null;
        }
    }
}
