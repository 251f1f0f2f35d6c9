using Estream.Marketplace.Names;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Names;

/// <summary>The new names that a person must review before they are offered.</summary>
public sealed class KnownNamesTests
{
    private static readonly KnownNames s_known = new(
    [
        Known("esf-iot", "Estream", isPopular: true), Known("@acme/doors", "Acme Doors", isPopular: true),
        Known("@paypal/modern-card", "PayPal"), Known("@acme/io", isPopular: true), Known("@modern/gate-way2"),
    ]);

    [Theory]
    [InlineData("@mallory/x", "раураl", "@paypal/modern-card")]
    [InlineData("@mallory/x", "paypaI", "@paypal/modern-card")]
    [InlineData("@mallory/x", "Pay Pal", "@paypal/modern-card")]
    [InlineData("@mallory/x", "ΑCΜΕ-DOORS", "@acme/doors")]
    [InlineData("@mallory/x", "Acme\u200B Doors", "@acme/doors")]
    [InlineData("@mallory/x", "Estrearn", "esf-iot")]
    public void Confusable_display_name_quarantined(string name, string shown, string other) =>
        Assert.Equal([(NameSimilarityKind.Shown, other)],
            s_known.SimilaritiesOf(ComponentName.Parse(name), shown).Select(one => (one.Kind, one.Other.ToString())));

    [Theory]
    [InlineData("@paypa1/card", NameSimilarityKind.Scope, "@paypal/modern-card")]
    [InlineData("@rnodern/x", NameSimilarityKind.Scope, "@modern/gate-way2")]
    [InlineData("@estrearn/x", NameSimilarityKind.Scope, "esf-iot")]
    [InlineData("@acrne/doors", NameSimilarityKind.Name, "@acme/doors")]
    [InlineData("@mallory/esf-iot", NameSimilarityKind.Name, "esf-iot")]
    public void Confusable_name_quarantined(string name, NameSimilarityKind kind, string other)
    {
        NameSimilarity found = s_known.SimilaritiesOf(ComponentName.Parse(name))[0];
        Assert.Equal((kind, other), (found.Kind, found.Other.ToString()));
        Assert.Contains(other, found.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@mallory/esfiot", NameSimilarityKind.Name, "esf-iot")]
    [InlineData("@ac-me/doors", NameSimilarityKind.Name, "@acme/doors")]
    [InlineData("@mo-dern/gate-way2", NameSimilarityKind.Name, "@modern/gate-way2")]
    public void Hyphen_underscore_dot_equivalence(string name, NameSimilarityKind kind, string other) =>
        Assert.Contains((kind, other), s_known.SimilaritiesOf(ComponentName.Parse(name)).Select(one => (one.Kind, one.Other.ToString())));

    [Theory]
    [InlineData("Acme_Doors")]
    [InlineData("acme.doors")]
    [InlineData("ACME-DOORS")]
    [InlineData("AcmeDoors")]
    [InlineData("Acme‐Doors")]
    public void Display_names_that_differ_in_hyphen_underscore_or_dot_are_flagged(string shown) =>
        Assert.Single(s_known.SimilaritiesOf(ComponentName.Parse("@mallory/x"), shown));

    [Theory]
    [InlineData("@mallory/esf-iots", "esf-iot")]
    [InlineData("@mallory/esf-io", "esf-iot")]
    [InlineData("@mallory/esf-bot", "esf-iot")]
    [InlineData("@mallory/efs-iot", "esf-iot")]
    [InlineData("@acm/doors", "@acme/doors")]
    [InlineData("@acmes/doors", "@acme/doors")]
    [InlineData("@amce/doors", "@acme/doors")]
    public void Levenshtein_1_of_popular_flagged(string name, string other) =>
        Assert.Equal([(NameSimilarityKind.OneLetter, other)],
            s_known.SimilaritiesOf(ComponentName.Parse(name)).Select(one => (one.Kind, one.Other.ToString())));

    [Theory]
    [InlineData("@mallory/esf-iotas", null)]
    [InlineData("@mallory/modern-cards", null)]
    [InlineData("@other/doors", "Other")]
    [InlineData("@acme/door", "Acme Doors")]
    [InlineData("@acme/do-ors", null)]
    [InlineData("esf-iota", "Estream")]
    public void Unrelated_names_and_names_of_the_same_owner_are_not_flagged(string name, string? shown) =>
        Assert.Empty(s_known.SimilaritiesOf(ComponentName.Parse(name), shown));

    [Fact]
    public void IsOneEditApart_matches_the_definition_of_a_single_edit()
    {
        Random random = new(1);
        for (int i = 0; i < LongRun.Count(20_000, 1_000_000); i++)
        {
            string a = Letters(random), b = random.Next(3) == 0 ? Letters(random) : Edited(random, a);
            Assert.Equal(Edits(a).Contains(b) && a != b, KnownNames.IsOneEditApart(a, b));
        }
    }

    // In globalization-invariant mode, the system's normalizer returns its input; the result must be the same there.
    [Fact]
    public void Name_comparison_works_in_globalization_invariant_mode()
    {
        string program = BuiltProgram.Find("tests/Estream.Marketplace.TestProcess", "Estream.Marketplace.TestProcess.dll");
        Dictionary<string, string?> environment = new() { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" };
        string[] lines = ChildProcess.Run("dotnet", [program, "like", "@mallory/x", "Cafe\u0301 Раураl", "@paypal/x", "CAFÉ PAYPAL"],
            environment: environment).EnsureSuccess().Output.Split('\n');
        Assert.Equal("2", lines[1].Trim());
        Assert.Equal("Shown", lines[0].Trim());
    }

    private static KnownName Known(string name, string? shown = null, bool isPopular = false) =>
        new(ComponentName.Parse(name), shown, isPopular);

    private static string Letters(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(0, 5)).Select(_ => (char)('a' + random.Next(3))));

    private static string Edited(Random random, string text) => Edits(text).ElementAt(random.Next(Edits(text).Count()));

    // Returns all texts that one edit can produce, written directly from the definition of an edit.
    private static IEnumerable<string> Edits(string text) =>
    [
        .. Enumerable.Range(0, text.Length).Select(at => text.Remove(at, 1)),
        .. from at in Enumerable.Range(0, text.Length + 1) from letter in "abc" select text.Insert(at, letter.ToString()),
        .. from at in Enumerable.Range(0, text.Length) from letter in "abc" select text.Remove(at, 1).Insert(at, letter.ToString()),
        .. Enumerable.Range(0, Math.Max(0, text.Length - 1)).Select(at => text[..at] + text[at + 1] + text[at] + text[(at + 2)..]),
    ];
}
