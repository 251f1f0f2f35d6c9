using Estream.Wire.Compliance;

namespace MqttNetAdapter.Tests;

/// <summary>An adapter around the client of another library fulfills the contract of <c>IWireAdapter</c>.</summary>
public sealed class ComplianceTests
{
    private static readonly MqttNetSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Adapter_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
