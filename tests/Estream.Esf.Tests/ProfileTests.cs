namespace Estream.Esf.Tests;

/// <summary>Profiles are expanded in the canonical text, so their meaning is part of the schema id.</summary>
public sealed class ProfileTests
{
    [Theory]
    [InlineData("profile: hipaa", "@encrypted[auditor=public,provider=public]")]
    [InlineData("profile: pci_dss", "@encrypted[auditor=public,payment_agent=public,regulator=public]")]
    [InlineData("profile: gdpr", "@encrypted[controller=public,data_protection_officer=public]")]
    [InlineData("profile: soc2", "@encrypted[auditor=public,operator=public]")]
    [InlineData("profile: pci_dss, default_level: tokenized", "@tokenized")]
    [InlineData("profile: hipaa, default_level: encrypted, sublex: clinical", "@encrypted[auditor=public,provider=public]/clinical")]
    public void Profile_expands_to_its_level_and_audiences(string privacy, string canonical)
    {
        EsfSchema schema = Schemas.One($$"""S: { fields: { a: { type: string, privacy: { {{privacy}} } } } }""");
        Assert.EndsWith("S{a:string" + canonical + "}", schema.Definition.CanonicalText, StringComparison.Ordinal);
    }
}
