using System.Globalization;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>The messages about circuit files that declared pipelines do not share. Each states the error and the correction. A golden file
/// of the tests lists all of them.</summary>
internal static class CircuitMessages
{
    public static string BadCircuitName(string name) =>
        $"'{Messages.Shorten(name)}' is not a name for a circuit: write words of lower-case letters, digits and single underscores joined "
        + $"by dots, the last one 'v' and the major version, at most {CircuitLimits.MaxNameLength} characters, for example "
        + "'acme.boiler.alarms.v1'";

    public static string OtherMajor(string name, int major) =>
        string.Create(CultureInfo.InvariantCulture,
            $"the name '{name}' and the version disagree: write a version {name[(name.LastIndexOf('.') + 2)..]}.x.y, or a "
            + $"name that ends in 'v{major}'");

    public static string BadVersion(string text) =>
        $"'{Messages.Shorten(text)}' is not a version: write three numbers, for example 'version: \"1.0.0\"'";

    public static string LanguageVersion(string text) =>
        $"the language version '{Messages.Shorten(text)}' is not supported: write 'escir_version: \"0.8.0\"'";

    public static string TooMany(string what, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"there are more than {limit} {what}: split the circuit");

    public static string BadName(string what, string name) =>
        $"'{Messages.Shorten(name)}' is not a name for {what}: write lower-case letters, digits and single underscores, at most "
        + $"{CircuitLimits.MaxPortNameLength}, for example '{Suggested(name)}'";

    public static string NameTwice(string what, string name) =>
        $"'{Messages.Shorten(name)}' is also the name of another {what}: rename one of them";

    public static string TakenName(string name, string what) =>
        $"'{Messages.Shorten(name)}' is already the name of {what}, and flows could not distinguish them: rename one of them";

    public static string OnePlace() => "an output is either a queue, or a map with 'key': remove 'queue' or 'map'";

    public static string KeyWithoutMap() => "'key' is only for outputs with 'map': add 'map', or remove 'key'";

    public static string SameQueue(string queue) =>
        $"the queue '{queue}' would be read and written by the circuit, or written twice: use another queue for one of them";

    public static string UnknownKind(string kind, IReadOnlyCollection<string> known) =>
        $"there is no kind of node '{Messages.Shorten(kind)}'.{NearestName.Hint(kind, known)} Write one of {string.Join(", ", known)}";

    public static string NoWhen() => "a filter needs 'when': write for example 'when: value > 30.0'";

    public static string Flow(string text) =>
        $"'{Messages.Shorten(text)}' is not a flow: write names with arrows between them, for example 'readings -> hot -> alarms'";

    public static string UnknownName(string name, IReadOnlyCollection<string> known) =>
        $"there is no input, node or output '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)} There are: "
        + $"{string.Join(", ", known)}";

    public static string IntoInput(string name) => $"'{name}' is an input, and nothing can flow into it: write it at the start of the flow";

    public static string OutOfOutput(string name) =>
        $"'{name}' is an output, and nothing can flow out of it: write it at the end of the flow";

    public static string FlowTwice(string from, string to) => $"the flow from '{from}' to '{to}' is declared twice: remove one";

    public static string Cycle(string path) => $"the flows form a cycle: {path}. Write the results to a queue that another circuit reads";

    public static string TooManyRoutes(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"more than {CircuitLimits.MaxRoutes} paths lead from an input to '{name}', and a message arrives once for "
        + $"each path: use fewer parallel nodes, or split the circuit");

    public static string NoIncomingFlow(string what, string name) =>
        $"nothing flows into {what} '{name}': name it in 'flows', or remove it";

    public static string NoOutgoingFlow(string name) =>
        $"the messages of '{name}' flow nowhere: name it in 'flows' before an output or another node, or remove it";

    public static string SeveralInputs(string name, string one, string other) =>
        $"messages of the inputs '{one}' and '{other}' flow into '{name}', but all must come from one input: let one of them flow "
        + "elsewhere; a 'join' names its second queue itself";

    public static string TypeMismatch(string name, string takes, string from, string gives) =>
        $"'{name}' takes {takes}, but '{from}' produces {gives}: put a 'transform' between them, or change one of the types";

    public static string NotBeforeOutput(string name, string kind) =>
        $"'{name}' is of the stateful kind '{kind}': let it flow to one output that no other node flows to, and let "
        + "another circuit read that output";

    public static string NoInvariant() =>
        "an invariant is a condition that holds for every message: write for example '\"readings.value < 200.0\"'";

    public static string InvariantOfSeveral(IReadOnlyCollection<string> names) =>
        $"an invariant is about one message, but this one names {string.Join(" and ", names)}: write one invariant for each";

    public static string InvariantAfterStatefulNode(string name) =>
        $"no invariant can check '{name}', since stateful nodes write directly to their output: check the messages before that node, or "
        + "in another circuit that reads the output";

    public static string InvariantName(string name) =>
        $"a field of the message is also named '{name}', and an invariant could not distinguish them: give the input, node or output "
        + "another name";

    public static string OfTimer(string key) =>
        $"'{key}' does not apply to a timer, whose messages are all {Triggers.TickMessage.Schema}: remove it, or remove 'every'";

    public static string TimerTooFast(int leastMs) =>
        string.Create(CultureInfo.InvariantCulture, $"'every' of a timer must be at least {leastMs}ms: write for example 'every: 30s'");

    public static string ApprovedAlone() =>
        "approvers sign only the circuit's own file: declare its types under 'types' and remove 'schemas', or remove 'governance'";

    public static string NothingPromised() =>
        "'sla' promises nothing: write 'latency', 'throughput' or 'durability', for example 'sla: { latency: { p99: 50ms } }'";

    public static string OnePercentile() =>
        "'latency' needs exactly one percentile: write one of p50, p90, p99, p999, for example 'latency: { p99: 50ms }'";

    public static string LevelBounds(string key, TimeSpan least) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{key}' must be from {(least < TimeSpan.FromSeconds(1) ? $"{least.TotalMilliseconds:0}ms" : $"{least.TotalSeconds:0}s")} "
            + $"to 1h, the range that can be measured");

    public static string NoRecords(string reason) =>
        $"'execution_records' needs a circuit whose results follow from its file and one message alone, but {reason}: remove the "
        + "annotation, or move that to another circuit";

    public static string NoQueueToBeDurable() =>
        "'durability' applies to the queues of outputs, but all outputs are maps: remove it, or add an output with a queue";

    public static string OtherPattern(string pattern, string output) => pattern is "state" or PatternChecks.Signal
        ? $"'stream_pattern: {pattern}' requires outputs that are maps, but the output '{output}' is a queue: write 'map' and 'key' there, "
            + "or 'stream_pattern: event'"
        : $"'stream_pattern: {pattern}' requires outputs that are queues, but the output '{output}' is a map: write 'queue' there, or "
            + "'stream_pattern: state'";

    public static string PatternOfType(string pattern, string output, string type) =>
        $"'stream_pattern: {pattern}' differs from the pattern of {type}, the type of the output '{output}': write the same pattern";

    public static string SignalOfState(string node) =>
        $"'stream_pattern: signal' needs nodes without state, because it drops values that are replaced, but the node '{node}' has state: "
        + "write 'stream_pattern: state'";

    public static string LogOfState(string node) =>
        $"'stream_pattern: log' needs nodes without state, because it appends seals to the queues of the outputs, but the node '{node}' "
        + "has state: write 'stream_pattern: event', and copy its results to a log with another circuit";

    public static string NoApprover() =>
        "'stream_pattern: curated' needs someone who approves each message, which a circuit does not: write 'stream_pattern: event' for "
        + "the proposals, and approve them in a program with EsfApprover";

    public static string TransactionLog() =>
        "'stream_pattern: transaction' and 'transaction_log' need each other: write both, for example "
        + "'annotations: { stream_pattern: transaction, transaction_log: decisions }', or neither";

    public static string NoTransaction(string reason) =>
        $"'stream_pattern: transaction' needs one input, outputs that are queues without private fields, nodes without state, and a log of "
        + $"its own, but {reason}: change that, or write 'stream_pattern: event'";

    public static string NotConsumable(string pattern, string reason) =>
        $"'stream_pattern: {pattern}' needs nodes without state and no 'execution_records', but {reason}: move that to another circuit";

    public static string NoPiece(string output, string type, string reason) =>
        "'stream_pattern: media' needs outputs with the fields 'name' (string) and 'data' (bytes), optionally 'media_type' (string), and "
        + $"for pieces 'piece' (integer) and 'last' (bool), but the type of '{output}' is {type}, and {reason}: change the type";

    public static string NoNumber(string output, string type, string reason) =>
        "'stream_pattern: mpc_session' needs outputs with the integer fields 'session' and 'number', but the type of "
        + $"'{output}' is {type}, and {reason}: change the type";

    public static string OtherTopology(string topology, string form) =>
        $"'topology: {topology}' requires {form}, which this circuit does not have: change the flows, or write 'topology: graph'";

    public static string UnknownOperation(string name, IReadOnlyCollection<string> known) =>
        $"there is no operation '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)} Write one of {string.Join(", ", known)}";

    public static string OperationLast(string what) =>
        $"an operation must be the last node, between one input and one output that is a queue, but there is {what}: move that to another "
        + "circuit";

    public static string OperationType(string operation, string takesOrGives, string fields, string type) =>
        $"'{operation}' {takesOrGives} messages with the fields [{fields}] and no others, in this order, but {type} has other fields: "
        + "declare a type with these fields";

    public static string OperationStatuses(string values) => $"Status is an enum: write 'enums: {{ Status: {{ values: [{values}] }} }}'";

    public static string BadAddress(string text, string reason) =>
        $"'{Messages.Shorten(text)}' is not a valid address: {reason}. Write for example 'lex: lex://acme/boilers/hot'";

    public static string OtherSource(string key) =>
        $"'{key}' and 'lex' both declare the source of the input: remove one of them. A queue gets its address from the "
        + "circuit that writes it, or from the host";

    public static string AddressTwice(string address, string one, string other) =>
        $"'{one}' and '{other}' both have the address {address}: change one of them";

    private static string Suggested(string name)
    {
        string suggested = NameRule.SuggestFieldName(name);
        return suggested.Length <= CircuitLimits.MaxPortNameLength ? suggested : "readings";
    }
}
