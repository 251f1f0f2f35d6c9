using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Wire;
using Estream.Wire.Fhir;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Modbus;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A hospital system that sends admissions by MLLP.</summary>
internal sealed class Hl7Sender(HostSecrets secrets, string address, int port) : NumberedSender(address, port)
{
    /// <inheritdoc/>
    public override string Name => "hospital";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "hl7-listener", Address, Port, UnsafeAllowAnyPeer = true,
        Mappings = new[] { new { Schema = "Hl7Header", Queue = "hospital" } },
    };

    /// <inheritdoc/>
    protected override async Task<(Func<int, Task> Send, IAsyncDisposable Connection)> ConnectAsync(
        int relayPort, CancellationToken cancellation)
    {
        MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", relayPort, TimeSpan.FromSeconds(60), cancellation: cancellation);
        return (async number =>
        {
            Hl7Ack? ack = await client.SendAsync(Hl7Sample.Admission(number), cancellation);
            Assert.True(ack?.Code.IsAccept(), $"message {number} was answered with {ack}");
        }, client);
    }

    /// <inheritdoc/>
    public override IEnumerable<int> Stored() => secrets.Open("hospital", Hl7Schemas.Own, "Hl7Header").Select(json =>
        int.Parse(JsonDocument.Parse(json).RootElement.GetProperty("control_id").GetString()!, CultureInfo.InvariantCulture));
}

/// <summary>A hospital system that writes resources to the FHIR server of the host.</summary>
internal sealed class FhirSender(HostSecrets secrets, string address, int port) : NumberedSender(address, port)
{
    /// <inheritdoc/>
    public override string Name => "ehr";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "fhir-server", Address, Port, UnsafeAllowAnyPeer = true, secrets.Keys,
        Mappings = new[] { new { Schema = "FhirCommit", Queue = "ehr" } },
    };

    /// <inheritdoc/>
    protected override Task<(Func<int, Task> Send, IAsyncDisposable Connection)> ConnectAsync(
        int relayPort, CancellationToken cancellation)
    {
        Connection connection = new(new FhirRestClient(
            new Uri($"http://127.0.0.1:{relayPort}/fhir"), null, null, TimeSpan.FromSeconds(60), 1 << 20));
        return Task.FromResult<(Func<int, Task> Send, IAsyncDisposable Connection)>((async number =>
        {
            string body = string.Create(CultureInfo.InvariantCulture, $"{{\"resourceType\":\"Patient\",\"id\":\"{number}\"}}");
            FhirRestResponse response = await connection.Client.SendAsync(
                HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"Patient/{number}"), Encoding.UTF8.GetBytes(body),
                cancellation: cancellation);
            Assert.True(response.IsSuccess, Encoding.UTF8.GetString(response.Body.Span));
        }, connection));
    }

    /// <inheritdoc/>
    public override IEnumerable<int> Stored() => secrets.Open("ehr", FhirSchemas.Own, "FhirCommit").Select(json => int.Parse(
        JsonDocument.Parse(json).RootElement.GetProperty("changes")[0].GetProperty("id").GetString()!, CultureInfo.InvariantCulture));

    private sealed class Connection(FhirRestClient client) : IAsyncDisposable
    {
        public FhirRestClient Client => client;

        public ValueTask DisposeAsync()
        {
            client.Dispose();
            return default;
        }
    }
}

/// <summary>A Modbus master that writes numbers to the host.</summary>
internal sealed class ModbusSender(HostFiles files, string address, int port) : NumberedSender(address, port)
{
    /// <inheritdoc/>
    public override string Name => "scada";

    /// <inheritdoc/>
    public override object Adapter => new
    {
        Type = "modbus-server", Address, Port, UnsafeAllowAnyPeer = true, Map = "latest",
        Units = new[] { new { Name = "plant", Points = new[] { new { Name = "setpoint", Type = "uint32", Writable = true } } } },
        Mappings = new[] { new { Schema = "ModbusWrite", Queue = "scada" } },
    };

    /// <inheritdoc/>
    protected override async Task<(Func<int, Task> Send, IAsyncDisposable Connection)> ConnectAsync(
        int relayPort, CancellationToken cancellation)
    {
        ModbusClientOptions options = new() { Port = relayPort, TimeoutMs = 60_000 };
        ModbusClient master = await ModbusClient.ConnectAsync(options, cancellation);
        return (async number =>
        {
            ModbusResult result = await master.WriteRegistersAsync(
                1, 0, new[] { (ushort)(number >> 16), (ushort)number }, cancellation);
            if (!result.IsOk)
            {
                throw new WireConnectionException($"The write was answered with {result}.", isTransient: true);
            }
        }, master);
    }

    /// <inheritdoc/>
    public override IEnumerable<int> Stored()
    {
        using StoredNumbers stored = new(
            files, "scada", ModbusSchemas.Own, static message => message.GetProperty("unsigned").GetInt32());
        return stored.Advance();
    }
}
