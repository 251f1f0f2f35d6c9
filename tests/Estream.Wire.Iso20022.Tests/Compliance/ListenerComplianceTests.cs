using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>The listener passes the compliance suite of adapters.</summary>
public sealed class ListenerComplianceTests
{
    private static readonly ListenerSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Listener_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
