using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>The client passes the compliance suite of adapters.</summary>
public sealed class ClientComplianceTests
{
    private static readonly ClientSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Client_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
