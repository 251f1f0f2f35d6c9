using Estream.Wire.Compliance;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>The endpoint keeps what every adapter has to keep.</summary>
public sealed class EndpointComplianceTests
{
    private static readonly MqttEndpointSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task The_endpoint_keeps(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}

/// <summary>So does the client.</summary>
public sealed class ClientComplianceTests
{
    private static readonly MqttClientSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task The_client_keeps(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
