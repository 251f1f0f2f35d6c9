using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Wire;
using Estream.Wire.Modbus;

namespace Estream.Scenarios.Product;

/// <summary>
/// The adapter `modbus-server` with a map of its points, in a child process (<c>--modbus-server DIR</c>). It prints <c>port N</c>, and
/// exits when its input ends.
/// </summary>
internal static class EstreamModbusServer
{
    public const string Role = "--modbus-server";

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: DIR");
        }

        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);
        using EstreamQueue deadLetters = EstreamQueue.Open(Path.Combine(arguments[0], "dead-letters"));
        using IngressSinks sinks = new(deadLetters, schemas);
        using StateMap<Utf8Key64, LatestEntry> map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(arguments[0], "latest"));
        Values values = new(map);
        ModbusServerOptions options = new()
        {
            Port = 0,
            Map = "latest",
            Units = [new ModbusUnitOptions { Name = "plant", Points = [.. Enumerable.Range(0, ModbusServeContender.Registers)
                .Select(values.Add)] }],
        };
        ModbusServer server = new(options, new AdapterContext("scada", schemas, sinks, SystemClock.Instance, static _ => { })
        {
            Maps = _ => values,
        });
        server.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        using CancellationTokenSource stopping = new();
        Task serving = server.Ingest(stopping.Token);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.LocalEndPoint!.Port}"));
        while (Console.ReadLine() is not null)
        {
        }

        stopping.Cancel();
        serving.GetAwaiter().GetResult();
        server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    /// <summary>The messages of a map, as the host reads them.</summary>
    private sealed class Values(StateMap<Utf8Key64, LatestEntry> map) : ILatestMessages
    {
        public EsfSchema Schema { get; } = ModbusSchemas.Own.TryGet("ModbusValue", out EsfSchema? schema)
            ? schema : throw new ScenarioException("there is no schema ModbusValue");

        /// <summary>Puts a value into the map.</summary>
        public ModbusServedPoint Add(int number)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"register-{number}");
            byte[] json = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $$"""{"device_id":"plant","unit_id":1,"point":"{{name}}","value":{{number}},"read_at":1}"""));
            byte[] message = new byte[LatestEntry.InlineBytes];
            if (!EsfJson.TryEncode(Schema, json, message, out int length).IsOk
                || !Utf8Key64.TryCreate(Encoding.UTF8.GetBytes(name), out Utf8Key64 key))
            {
                throw new ScenarioException("a value of modbus-serve cannot be encoded");
            }

            map.Put(in key, LatestEntry.Create(0, number, 0, message.AsSpan(0, length)));
            return new ModbusServedPoint(new ModbusPointOptions { Name = name, Address = (ushort)number }, name, "value");
        }

        public int Read(ReadOnlySpan<byte> key, Span<byte> destination, out long storedAt)
        {
            storedAt = 0;
            if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) || !map.TryGet(in mapKey, out LatestEntry entry))
            {
                return 0;
            }

            storedAt = entry.Time;
            entry.Message.CopyTo(destination);
            return entry.Length;
        }
    }
}
