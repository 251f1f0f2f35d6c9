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
            $"the name '{name}' and the version say different things: a version of {name[(name.LastIndexOf('.') + 2)..]}.x.y "
            + $"belongs to this name, and 'v{major}' to this version");

    public static string BadVersion(string text) =>
        $"'{Messages.Shorten(text)}' is not a version: write three numbers, for example 'version: \"1.0.0\"'";

    public static string LanguageVersion(string text) =>
        $"the version '{Messages.Shorten(text)}' of the language is not known: write 'escir_version: \"0.8.0\"'";

    public static string TooMany(string what, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"there are more than {limit} {what}: split the circuit");

    public static string BadName(string what, string name) =>
        $"'{Messages.Shorten(name)}' is not a name for {what}: write lower-case letters, digits and single underscores, at most "
        + $"{CircuitLimits.MaxPortNameLength}, for example '{Suggested(name)}'";

    public static string NameTwice(string what, string name) =>
        $"'{Messages.Shorten(name)}' names another {what} too: give one of them another name";

    public static string TakenName(string name, string what) =>
        $"'{Messages.Shorten(name)}' names {what} already, and flows could not tell them apart: give one of them another name";

    public static string OnePlace() => "an output is a queue, or a map with 'key': write one of them";

    public static string KeyWithoutMap() => "'key' is what a map finds messages by: write 'map' beside it, or remove it";

    public static string SameQueue(string queue) =>
        $"the queue '{queue}' would be read and written by the circuit, or written twice: use another one for one of the two";

    public static string UnknownKind(string kind, IReadOnlyCollection<string> known) =>
        $"there is no kind of node '{Messages.Shorten(kind)}'.{NearestName.Hint(kind, known)} Write one of {string.Join(", ", known)}";

    public static string NoWhen() => "a filter needs 'when': write for example 'when: value > 30.0'";

    public static string Flow(string text) =>
        $"'{Messages.Shorten(text)}' is not a flow: write names with arrows between them, for example 'readings -> hot -> alarms'";

    public static string UnknownName(string name, IReadOnlyCollection<string> known) =>
        $"there is no input, node or output '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)} There are: "
        + $"{string.Join(", ", known)}";

    public static string IntoInput(string name) => $"'{name}' is an input, and nothing flows into one: write it first";

    public static string OutOfOutput(string name) => $"'{name}' is an output, and nothing flows out of one: write it last";

    public static string FlowTwice(string from, string to) => $"from '{from}' to '{to}' flows are declared twice: remove one";

    public static string Cycle(string path) => $"the flows go round: {path}. Have the results go to a queue that another circuit reads";

    public static string TooManyRoutes(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"more than {CircuitLimits.MaxRoutes} ways lead from an input to '{name}', and a message that goes them all "
        + $"would be there as often: have fewer nodes beside each other, or split the circuit");

    public static string NoIncomingFlow(string what, string name) =>
        $"nothing flows into {what} '{name}': name it in 'flows', or remove it";

    public static string NoOutgoingFlow(string name) =>
        $"what '{name}' makes flows nowhere: name it in 'flows' before an output or another node, or remove it";

    public static string SeveralInputs(string name, string one, string other) =>
        $"messages of the inputs '{one}' and '{other}' flow into '{name}', and a node takes those of one: have one of them flow "
        + "elsewhere; a 'join' names the queue of the other itself";

    public static string TypeMismatch(string name, string takes, string from, string gives) =>
        $"'{name}' takes {takes}, and from '{from}' comes {gives}: put a 'transform' between them, or change one of the types";

    public static string NotBeforeOutput(string name, string kind) =>
        $"'{name}' is of the kind '{kind}', which remembers: have its results alone flow to one output, and another circuit read that";

    public static string NoInvariant() =>
        "an invariant is a condition that holds for every message: write for example '\"readings.value < 200.0\"'";

    public static string InvariantOfSeveral(IReadOnlyCollection<string> names) =>
        $"an invariant speaks of one message, and this one of {string.Join(" and ", names)}: write one for each";

    public static string InvariantAfterStatefulNode(string name) =>
        $"what '{name}' makes goes to its output as it is, and no invariant can hold it up: say it of what it takes, or in another "
        + "circuit that reads the output";

    public static string InvariantName(string name) =>
        $"a field of the message has the name '{name}' too, and an invariant could not tell them apart: give the input, node or output "
        + "another name";

    public static string OfTimer(string key) =>
        $"'{key}' says nothing of a timer, whose messages are all of {Triggers.TickMessage.Schema}: remove it, or remove 'every'";

    public static string TimerTooFast(int leastMs) =>
        string.Create(CultureInfo.InvariantCulture, $"'every' of a timer is at least {leastMs}ms: write for example 'every: 30s'");

    public static string ApprovedAlone() =>
        "who approves of a circuit signs its file and no other: declare its types under 'types', and remove 'schemas' or 'governance'";

    public static string NotOfOperations() =>
        "'stream_pattern', 'topology' and 'sla' say something of streams, and an operation is done by call: remove them";

    public static string NothingPromised() =>
        "'sla' promises nothing: write 'latency', 'throughput' or 'durability', for example 'sla: { latency: { p99: 50ms } }'";

    public static string OnePercentile() =>
        "'latency' is one percentile and its time: write one of p50, p90, p99, p999, for example 'latency: { p99: 50ms }'";

    public static string LevelBounds(string key, TimeSpan least) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'{key}' is a time from {(least < TimeSpan.FromSeconds(1) ? $"{least.TotalMilliseconds:0}ms" : $"{least.TotalSeconds:0}s")} "
            + $"to 1h: what is shorter or longer is not measured");

    public static string NoQueueToBeDurable() =>
        "'durability' speaks of the queues of outputs, and all outputs are maps: remove it, or add an output with a queue";

    public static string OtherPattern(string pattern, string output) => pattern == AnnotationChecks.State
        ? $"'stream_pattern: state' is the newest message of each key, and the output '{output}' is a queue: write 'map' and 'key' there, "
            + "or 'stream_pattern: event'"
        : $"'stream_pattern: event' is every message in its order, and the output '{output}' is a map: write 'queue' there, or "
            + "'stream_pattern: state'";

    public static string OtherTopology(string topology, string form) =>
        $"'topology: {topology}' is {form}, which this circuit has not: change the flows, or write 'topology: graph'";

    public static string UnknownOperation(string name, IReadOnlyCollection<string> known) =>
        $"there is no operation '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)} Write one of {string.Join(", ", known)}";

    public static string OperationAlone(string what) =>
        $"an operation stands alone, between one input and one output whose messages are handed over by call, and here is {what}: have "
        + "another circuit do that";

    public static string OperationType(string operation, string takesOrGives, string fields, string type) =>
        $"'{operation}' {takesOrGives} messages with the fields [{fields}] and no others, in this order, and {type} has other ones: "
        + "declare a type with them";

    public static string OperationStatuses(string values) => $"Status is an enum: write 'enums: {{ Status: {{ values: [{values}] }} }}'";

    public static string BadAddress(string text, string reason) =>
        $"'{Messages.Shorten(text)}' is no address: {reason}. Write for example 'lex: lex://acme/boilers/hot'";

    public static string OtherSource(string key) =>
        $"'{key}' and 'lex' both say where the messages of the input come from: write one of them. A queue has its address from the "
        + "circuit that writes it, or from the host";

    public static string AddressTwice(string address, string one, string other) =>
        $"'{one}' and '{other}' both have the address {address}: give one of them another";

    private static string Suggested(string name)
    {
        string suggested = NameRule.SuggestFieldName(name);
        return suggested.Length <= CircuitLimits.MaxPortNameLength ? suggested : "readings";
    }
}
