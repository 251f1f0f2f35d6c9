using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire.Dnp3;
using Estream.Wire.OpcUa;

namespace Estream.Host.Tests.Process;

/// <summary>A DNP3 outstation and an OPC UA server in the test, and a client of the FHIR server of the host. Each step changes one value of
/// each, and writes versions of a patient.</summary>
internal sealed class FieldLoad : IAsyncDisposable
{
    private const int WritesPerStep = 4;

    private readonly HttpClient _client = new();
    private int _steps;

    public FieldLoad() => Server.AddVariable("Level", new UaVariant(UaType.Double, 0.0));

    public Dnp3Outstation Outstation { get; } = new(new Dnp3OutstationOptions { Port = FreePort.Next(), MaxEvents = 100_000 });

    public OpcUaSimulator Server { get; } = new();

    /// <summary>The port of the FHIR server.</summary>
    public int FhirPort { get; } = FreePort.Next();

    /// <summary>The number of versions that the FHIR server has acknowledged.</summary>
    public int Versions { get; private set; }

    /// <summary>Waits until the OPC UA client of the host has subscribed: the server reports no change before that.</summary>
    public static void WaitUntilSubscribed(HostFiles files) =>
        Eventually.True(() => files.Count("line") > 0, "the first OPC UA value is stored");

    public async Task StepAsync()
    {
        _steps++;
        Outstation.Set(new Dnp3Measurement(Dnp3PointKind.Counter, 0, _steps) { IsInteger = true }, Dnp3Classes.Events1);
        Server.SetValue("Level", new UaVariant(UaType.Double, (double)_steps));
        for (int write = 0; write < WritesPerStep; write++)
        {
            string body = string.Create(CultureInfo.InvariantCulture,
                $"{{\"resourceType\":\"Patient\",\"id\":\"p\",\"multipleBirthInteger\":{Versions + 1}}}");
            using StringContent content = new(body, Encoding.UTF8, "application/fhir+json");
            using HttpResponseMessage response =
                await _client.PutAsync(new Uri($"http://127.0.0.1:{FhirPort}/fhir/Patient/p"), content);
            response.EnsureSuccessStatusCode();
            Versions++;
        }
    }

    /// <summary>Checks that the queues of the host have every event, change and version.</summary>
    public void AssertStored(HostFiles files)
    {
        Eventually.True(() => Outstation.UnconfirmedEvents == 0, "all DNP3 events are confirmed");
        Assert.True(files.Count("grid") >= _steps, $"{files.Count("grid")} DNP3 values for {_steps} events");
        long changes = 0;
        try
        {
            Eventually.True(() => (changes = files.Count("line")) >= _steps, "all OPC UA changes are stored");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{changes} of {_steps} OPC UA changes are stored");
        }

        Assert.Equal(Versions, files.Count("fhir"));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Outstation.DisposeAsync();
        await Server.DisposeAsync();
    }
}
