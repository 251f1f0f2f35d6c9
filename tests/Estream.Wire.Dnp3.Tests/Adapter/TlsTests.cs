using System.Security.Cryptography.X509Certificates;
using Estream.Testing;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>Goal: polls and commands work over TLS, and only with an outstation that an authority of the configuration has
/// certified.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task Values_and_commands_pass_over_tls()
    {
        using TestAuthority authority = new();
        using X509Certificate2 certificate = authority.Write("rtu");
        await using Dnp3Outstation outstation = Devices.Outstation();
        using TlsGateway gateway = new(certificate, outstation.Port);
        await using MasterRig rig = new([Device(gateway, authority)], "Dnp3CommandResult");
        rig.AwaitMessage("\"point\":\"flow\"");
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync("""{"device_id":"rtu","point":"breaker","operation":"Close","requested_at":NOW}""");

        Assert.True(status.IsOk, status.Detail);
        Assert.Equal(1, outstation.Performed);
    }

    [Fact]
    public async Task Outstation_with_a_certificate_of_another_authority_is_refused()
    {
        using TestAuthority authority = new();
        using TestAuthority other = new();
        using X509Certificate2 certificate = authority.Write("rtu");
        await using Dnp3Outstation outstation = Devices.Outstation();
        using TlsGateway gateway = new(certificate, outstation.Port);
        await using MasterRig rig = new([Device(gateway, other)]);

        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.ConnectionFailed), "the refusal is reported");
        Assert.Empty(rig.Messages());
    }

    private static Dnp3DeviceOptions Device(TlsGateway gateway, TestAuthority authority)
    {
        Dnp3DeviceOptions device = Devices.Device(gateway.Port);
        return device with { Endpoint = device.Endpoint with { Tls = new WireTlsOptions { CaFile = authority.CaFile } } };
    }
}
