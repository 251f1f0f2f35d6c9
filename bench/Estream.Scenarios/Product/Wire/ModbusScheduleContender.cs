using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Esf;
using Estream.Industrial;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Wire;
using Estream.Wire.Modbus;

namespace Estream.Scenarios.Product;

/// <summary>Polls devices once a second, and compares the times of the requests in the queue with the times when they were due. The
/// devices answer in the same process.</summary>
internal sealed class ModbusScheduleContender : IContender
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int RequestBytes = 12;
    private const int ResponseBytes = 11;

    private readonly int _devices;
    private readonly Samples _samples;
    private readonly List<TcpListener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _queue;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly ModbusPoller _poller;
    private readonly Task _serving;
    private readonly Task _ingesting;
    private readonly QueueTailer _tailer;

    public ModbusScheduleContender(ContenderContext context)
    {
        _devices = (int)context.Size.Of(1_000, 50);
        _samples = new Samples(_devices * context.Size.Of(3, 2));
        int[] ports = [.. Enumerable.Range(0, _devices).Select(_ => Listen())];
        _serving = Task.WhenAll(_listeners.Select(ServeAsync));
        _queue = EstreamQueue.Open(Path.Combine(context.Directory, "readings"));
        _deadLetters = EstreamQueue.Open(Path.Combine(context.Directory, "dead-letters"));
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);
        _sinks = new IngressSinks(_deadLetters, schemas);
        _sinks.Add("readings", _queue);
        _poller = new ModbusPoller(
            new ModbusPollerOptions
            {
                Devices = [.. Enumerable.Range(0, _devices).Select(device => Device(device, ports[device]))],
                Mappings = [new ModbusMapping(SchemaIn(schemas), "readings")],
            },
            new AdapterContext("plant", schemas, _sinks, SystemClock.Instance, static _ => { }));
        _poller.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingesting = Task.Run(() => _poller.Ingest(_stop.Token));
        _tailer = _queue.CreateTailer();
        while (_poller.Statistics.ReceivedTotal < 2 * _devices)
        {
            Thread.Sleep(10);
        }
    }

    public RunResult Run()
    {
        // Polls of earlier rounds, and those that each device answers at its connection, are not part of the round.
        _tailer.SeekToEnd();
        for (int index = 0; index < _samples.Count;)
        {
            if (!_tailer.TryRead(out QueueMessage message))
            {
                Thread.Sleep(10);
                continue;
            }

            ModbusReadResponse.View response = ModbusReadResponse.View.Of(message.Payload);
            int device = int.Parse(response.DeviceId, CultureInfo.InvariantCulture);
            long due = ((long)response.PollSequence!.Value * NanosPerSecond) + (NanosPerSecond * device / _devices);
            _samples.Set(index++, due, response.RequestedAt);
        }

        return _samples.Round(check: 0);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _ingesting.GetAwaiter().GetResult();
        _poller.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _serving.GetAwaiter().GetResult();
        _listeners.ForEach(listener => listener.Dispose());
        _tailer.Dispose();
        _sinks.Dispose();
        _queue.Dispose();
        _deadLetters.Dispose();
        _stop.Dispose();
    }

    private static EsfSchema SchemaIn(EsfSchemaSet schemas) => schemas.TryGet("ModbusReadResponse", out EsfSchema? schema)
        ? schema
        : throw new ScenarioException("ModbusReadResponse is not among the schemas of Modbus");

    private static ModbusDeviceOptions Device(int device, int port) => new()
    {
        Name = device.ToString(CultureInfo.InvariantCulture),
        Endpoint = new ModbusClientOptions { Host = "127.0.0.1", Port = port },
        Reads = [new ModbusReadOptions(ModbusTable.HoldingRegisters, 0, 1, 1_000)],
    };

    /// <summary>Opens the port of a device, so that each device has a connection.</summary>
    private int Listen()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        _listeners.Add(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            await ServeAsync(await listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The scenario ends before the poller has connected.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        byte[] request = new byte[RequestBytes];
        byte[] response = new byte[ResponseBytes];
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
            socket.NoDelay = true;
            while (true)
            {
                await stream.ReadExactlyAsync(request, _stop.Token).ConfigureAwait(false);
                request.AsSpan(0, 8).CopyTo(response);
                (response[5], response[8]) = (5, 2);
                await stream.WriteAsync(response, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // The poller has closed the connection, or the scenario ends.
        }
    }
}
