using Estream.Circuits.Triggers;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the inputs and outputs of a circuit.</summary>
internal static class PortDeclarations
{
    private const string InputsExample = "inputs: [{ name: readings, type: estream.iot.IoTTelemetry, queue: telemetry }]";
    private const string OutputsExample = "outputs: [{ name: alarms, type: Alarm }]";

    public static List<CircuitPort> ReadInputs(MapNode map, PipelineScope scope, FlowElementNames names) =>
        Read(map, "inputs", InputsExample, scope, (port, name) => ReadInput(port, name, scope, names));

    public static List<CircuitPort> ReadOutputs(MapNode map, PipelineScope scope, FlowElementNames names) =>
        Read(map, "outputs", OutputsExample, scope, (port, name) => ReadOutput(port, name, scope, names));

    private static List<CircuitPort> Read(MapNode map, string key, string example, PipelineScope scope,
        Func<MapNode, ScalarNode, CircuitPort?> read)
    {
        List<CircuitPort> ports = [];
        if (map.Find(key) is not SourceNode node)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a circuit file", key, example));
            return ports;
        }

        if (scope.Sink.AsList(node, $"'{key}'", example) is not ListNode list)
        {
            return ports;
        }

        if (list.Items.Count == 0)
        {
            scope.Sink.Report(DiagnosticCodes.Empty, list, Messages.Empty($"'{key}'", example));
        }
        else if (list.Items.Count > CircuitLimits.MaxPorts)
        {
            scope.Sink.Report(CircuitCodes.Limit, list, CircuitMessages.TooMany(key, CircuitLimits.MaxPorts));
            return ports;
        }

        foreach (SourceNode item in list.Items)
        {
            if (scope.Sink.AsMap(item, $"one of '{key}'", example) is MapNode port
                && scope.Scalar(port, $"one of '{key}'", "name", example) is ScalarNode name && read(port, name) is CircuitPort good)
            {
                ports.Add(good);
            }
        }

        return ports;
    }

    private static CircuitPort? ReadInput(MapNode port, ScalarNode name, PipelineScope scope, FlowElementNames names)
    {
        string where = $"input '{Messages.Shorten(name.Value)}'";
        scope.Sink.OnlyKeys(port, where, "name", "type", "description", "queue", AudienceDeclaration.Key, TimerDeclaration.Key,
            AddressDeclaration.Key);
        bool isNamed = names.Add(name, FlowElementKind.Input);
        bool isTimer = port.Find(TimerDeclaration.Key) is not null;
        TimeSpan? every = isTimer ? TimerDeclaration.Read(port, where, scope) : null;
        EsfSchema? schema = !isTimer ? scope.Schema(port, where, "type") : every is null ? null : TickMessage.Schema;
        string? queue = port.Find("queue") is null ? name.Value : scope.Name(port, where, "queue", isRequired: true);
        LexAddress? address = AddressDeclaration.Read(port, where, scope);
        if (address is not null
            && new[] { "queue", TimerDeclaration.Key }.FirstOrDefault(key => port.Find(key) is not null) is string other)
        {
            scope.Sink.Report(CircuitCodes.Address, port.Find(other)!, CircuitMessages.OtherSource(other));
        }

        EsfAudienceFilter? audience = null;
        return (isTimer || AudienceDeclaration.TryRead(port, schema, scope, out audience)) && isNamed && schema is not null
            && queue is not null
            ? new CircuitPort(name.Value, schema, name.Position, queue, null, null, audience)
            {
                Every = every,
                Address = address,
                IsUnresolved = address is not null,
            }
            : null;
    }

    private static CircuitPort? ReadOutput(MapNode port, ScalarNode name, PipelineScope scope, FlowElementNames names)
    {
        string where = $"output '{Messages.Shorten(name.Value)}'";
        scope.Sink.OnlyKeys(port, where, "name", "type", "description", "queue", "map", "key", AddressDeclaration.Key);
        bool isNamed = names.Add(name, FlowElementKind.Output);
        LexAddress? address = AddressDeclaration.Read(port, where, scope);
        EsfSchema? schema = scope.Schema(port, where, "type");
        if (port.Find("queue") is not null && port.Find("map") is not null)
        {
            scope.Sink.Report(CircuitCodes.Conflict, port, CircuitMessages.OnePlace());
            return null;
        }

        if (port.Find("map") is null)
        {
            if (port.Find("key") is SourceNode key)
            {
                scope.Sink.Report(CircuitCodes.UnknownKey, key, CircuitMessages.KeyWithoutMap());
                return null;
            }

            string? queue = port.Find("queue") is null ? name.Value : scope.Name(port, where, "queue", isRequired: true);
            return isNamed && schema is not null && queue is not null
                ? new CircuitPort(name.Value, schema, name.Position, queue, null, null, null) { Address = address }
                : null;
        }

        string? map = scope.Name(port, where, "map", isRequired: true);
        EsfExpressionScope? messages = schema is null ? null : new EsfExpressionScope(schema);
        EsfExpression? expression =
            scope.Expression(port, where, "key", "device_id", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        bool isGood = schema is null || scope.IsWithoutPrivate(schema, port, "a map");
        return isNamed && schema is not null && map is not null && expression is not null && isGood
            ? new CircuitPort(name.Value, schema, name.Position, null, map, expression, null) { Address = address }
            : null;
    }
}
