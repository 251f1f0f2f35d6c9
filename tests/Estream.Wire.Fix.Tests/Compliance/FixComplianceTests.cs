using Estream.Testing;
using Estream.Wire.Compliance;

namespace Estream.Wire.Fix.Tests.Compliance;

/// <summary>Runs the compliance checks of adapters on the acceptor.</summary>
public sealed class AcceptorComplianceTests
{
    private static readonly FixAcceptorSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Acceptor_passes_the_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}

/// <summary>Runs the compliance checks of adapters on the initiator.</summary>
public sealed class InitiatorComplianceTests
{
    // These checks drop the connection dozens of times, and an initiator takes up to a second to reconnect.
    private static readonly string[] s_slow = ["E2", "R2", "R4", "W2"];

    private static readonly FixInitiatorSubject s_subject = new();

    public static TheoryData<string> Checks =>
        [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id).Where(id => LongRun.IsOn || !s_slow.Contains(id))];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Initiator_passes_the_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
