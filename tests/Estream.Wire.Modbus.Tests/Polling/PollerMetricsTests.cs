using System.Diagnostics.Metrics;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>The metrics of a poller, as seen by a metrics listener.</summary>
public sealed class PollerMetricsTests
{
    [Fact]
    public async Task Late_responses_are_counted_while_their_connection_is_open()
    {
        byte[]? first = null;
        await using HostileServer server = new(async (request, number, send) =>
        {
            if (number == 0)
            {
                first = request;
                return;
            }

            if (number == 1)
            {
                await send(HostileServer.Register(first!, 1));
            }

            await send(HostileServer.Register(request, 2));
        });
        ModbusDeviceOptions device = new()
        {
            Name = "plc",
            // Five time-outs without a response, in more than five seconds, would open another connection.
            Endpoint = new ModbusClientOptions { Port = server.Port, TimeoutMs = 1_500, ConnectTimeoutMs = 60_000 },
            MaxBackoffMs = 20,
            Points = [new ModbusPointOptions { Name = "p", Address = 1, EveryMs = 20 }],
        };
        await using PollerRig rig = new([device], "ModbusValue");

        Eventually.True(() => rig.Messages().Count > 0, "a later poll is answered");
        Eventually.True(() => Observe("estream.modbus.late", rig.Name) >= 1, "the late response is counted");

        Assert.Equal(1, server.Connections);
        Assert.DoesNotContain("\"unsigned\":1,", string.Concat(rig.Messages()), StringComparison.Ordinal);
    }

    private static long Observe(string name, string adapter)
    {
        long found = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new KeyValuePair<string, object?>("adapter", adapter)))
            {
                found = value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }
}
