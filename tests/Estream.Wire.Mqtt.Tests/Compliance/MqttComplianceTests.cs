using Estream.Wire.Compliance;

namespace Estream.Wire.Mqtt.Tests.Compliance;

/// <summary>The endpoint passes the compliance suite of adapters.</summary>
public sealed class EndpointComplianceTests
{
    private static readonly MqttEndpointSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Endpoint_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}

/// <summary>The endpoint passes the checks that TLS could affect, with a peer that has pinned its certificate.</summary>
public sealed class SecureEndpointComplianceTests
{
    private static readonly MqttEndpointSubject s_subject = new(isSecure: true);

    [Theory]
    [InlineData("L5")]
    [InlineData("L6")]
    [InlineData("L7")]
    [InlineData("D1")]
    [InlineData("D2")]
    [InlineData("B1")]
    [InlineData("B3")]
    [InlineData("B5")]
    [InlineData("A1")]
    [InlineData("A2")]
    [InlineData("A3")]
    [InlineData("R3")]
    [InlineData("R4")]
    [InlineData("E3")]
    [InlineData("E4")]
    [InlineData("C3")]
    [InlineData("W1")]
    [InlineData("W2")]
    [InlineData("W3")]
    [InlineData("M1")]
    public Task Endpoint_passes_compliance_check_over_TLS(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}

/// <summary>The client passes the compliance suite of adapters.</summary>
public sealed class ClientComplianceTests
{
    private static readonly MqttClientSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject.Traits).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Client_passes_compliance_check(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
