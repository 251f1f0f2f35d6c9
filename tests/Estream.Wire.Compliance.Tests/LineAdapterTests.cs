using Estream.Wire.Compliance.Tests.Line;

namespace Estream.Wire.Compliance.Tests;

/// <summary>A correct adapter that listens passes all checks.</summary>
public sealed class LineEndpointTests
{
    private static readonly LineSubject s_subject = new(LineFault.None, dials: false);

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task A_listening_line_adapter_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}

/// <summary>A correct adapter that dials passes all checks.</summary>
public sealed class LineClientTests
{
    private static readonly LineSubject s_subject = new(LineFault.None, dials: true);

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task A_dialing_line_adapter_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
