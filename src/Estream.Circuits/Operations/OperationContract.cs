using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Circuits.Operations;

/// <summary>The declarations that a circuit file needs for an operation: its resources, and the fields of its request and result in order,
/// so that messages have the same layout in all circuits.</summary>
internal sealed record OperationContract(OperationKind Kind, string Name, IReadOnlyList<string> Resources,
    IReadOnlyList<ContractField> Request, IReadOnlyList<ContractField> Result)
{
    public const string Queue = "queue";
    public const string Map = "map";
    public const string Feed = "feed";
    public const string Replica = "replica";

    private static readonly ContractField s_status = new("status", ContractField.StatusType);
    private static readonly ContractField s_key = new("key", "bytes");
    private static readonly ContractField s_value = new("value", "bytes");
    private static readonly ContractField s_timeToLive = new("time_to_live", "u64", IsOptional: true);
    private static readonly ContractField s_version = new("version", "i64", IsOptional: true);
    private static readonly ContractField s_expectedVersion = new("expected_version", "i64", IsOptional: true);

    private static readonly ContractField[] s_progress =
        [s_status, Number("messages"), Number("message_bytes"), new("position", "i64", IsOptional: true), Number("lag_messages"),
            Number("lag_bytes")];

    private static readonly OperationContract[] s_all =
    [
        new(OperationKind.QueueAppend, "queue.append", [Queue], [new("payload", "bytes")],
            [s_status, new("position", "i64", IsOptional: true), Number("sequence")]),
        new(
            OperationKind.QueueCompact, "queue.compact", [Queue], [Number("retained_bytes"), Number("retained_age")],
            [s_status, Number("segments"), Number("segment_bytes"), Number("segments_beyond"),
                new("oldest_position", "i64", IsOptional: true), Number("oldest_sequence")]),
        new(OperationKind.QueueReplicate, "queue.replicate", [Queue, Replica], [new("most", "u32")], s_progress),
        new(OperationKind.MapPut, "map.put", [Map], [s_key, s_value, s_timeToLive], [s_status, s_version]),
        new(
            OperationKind.MapCas, "map.cas", [Map],
            [s_key, s_value, new("expected", "bytes", IsOptional: true), s_expectedVersion, s_timeToLive],
            [s_status, s_version]),
        new(OperationKind.MapGc, "map.gc", [Map], [new("shrink", "bool")],
            [s_status, Number("removed"), Number("entries"), Number("bytes_before"), Number("bytes_after")]),
        new(OperationKind.MapSync, "map.sync", [Map, Feed, Replica], [new("most", "u32")], s_progress),
        new(OperationKind.MapGet, "map.get", [Map], [s_key], [s_status, new("value", "bytes", IsOptional: true), s_version]),
        new(OperationKind.MapRemove, "map.remove", [Map], [s_key, s_expectedVersion], [s_status, s_version]),
        new(
            OperationKind.QueueRead, "queue.read", [Queue],
            [Number("sequence"), new("position", "i64", IsOptional: true), new("time", "i64", IsOptional: true)],
            [s_status, new("payload", "bytes", IsOptional: true), new("position", "i64", IsOptional: true), Number("sequence"),
                new("time", "i64", IsOptional: true)]),
        new(
            OperationKind.MapBatch, "map.batch", [Map],
            [
                new("keys", "array(bytes)"), new("values", "array(bytes)"), new("removed", "array(bytes)", IsOptional: true),
                new("required", "array(bytes)", IsOptional: true), new("required_versions", "array(i64)", IsOptional: true),
            ],
            [s_status]),
        new(OperationKind.MapTouch, "map.touch", [Map], [s_key, s_timeToLive], [s_status]),
        new(OperationKind.MapClear, "map.clear", [Map], [Number("expected_entries")], [s_status, Number("removed")]),
        new(OperationKind.QueueAppendBatch, "queue.append_batch", [Queue], [new("payloads", "array(bytes)")],
            [s_status, new("position", "i64", IsOptional: true), Number("sequence")]),
    ];

    public static IReadOnlyCollection<string> Names { get; } = [.. s_all.Select(one => one.Name)];

    public static OperationContract? Of(string name) => s_all.FirstOrDefault(one => one.Name == name);

    /// <summary>Whether a type has exactly these fields.</summary>
    public static bool Fits(EsfSchema schema, IReadOnlyList<ContractField> fields)
    {
        IReadOnlyList<FieldDefinition> declared = schema.Definition.Record.Fields;
        return declared.Count == fields.Count && fields.Zip(declared).All(pair => pair.First.Is(pair.Second));
    }

    private static ContractField Number(string name) => new(name, "u64", IsOptional: true);
}

/// <summary>A field of a request or a result.</summary>
internal readonly record struct ContractField(string Name, string Type, bool IsOptional = false)
{
    /// <summary>Stands for an enum of any name whose values are all statuses, in order.</summary>
    public const string StatusType = "Status";

    private static readonly string[] s_statuses = Enum.GetNames<OperationStatus>();

    public bool Is(FieldDefinition field) =>
        field.Name == Name && field.IsOptional == IsOptional && !field.IsPrivate && !field.IsTokenized
        && (Type == StatusType ? field.Type.Enumeration?.Values.SequenceEqual(s_statuses) == true : field.Type.ToString() == Type);

    /// <summary>The field as written in a circuit file.</summary>
    public override string ToString() => $"{{ name: {Name}, type: {Type}{(IsOptional ? ", optional: true" : "")} }}";
}
