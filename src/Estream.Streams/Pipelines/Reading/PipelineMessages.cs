using System.Globalization;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>All messages about a pipeline file that are not about its YAML syntax. Each message states the error and the correction. A
/// golden file of the tests contains all messages.</summary>
internal static class PipelineMessages
{
    public static string BadName(string what, string name) =>
        $"'{Messages.Shorten(name)}' is not a name for {what}: begin with a letter and go on with letters, digits, '-', '_' and '.', at "
        + $"most {PipelineLimits.MaxNameLength} characters, for example 'hot-readings'";

    public static string TooMany(string what, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"there are more than {limit} {what}: split them");

    public static string NoSchema(string name, IReadOnlyCollection<string> known) =>
        $"there is no schema '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)} Name the file it is in under 'schemas', or use "
        + $"one of: {string.Join(", ", known.Take(20))}{(known.Count > 20 ? ", …" : "")}";

    public static string NotPlain(string schema, string pattern) =>
        $"{schema} declares the pattern {pattern}, whose messages cannot be in a queue directly: change 'pattern' in its file, or "
        + "use another schema";

    public static string SchemaFile(string reason) => $"the schema files cannot be used: {reason.ReplaceLineEndings("; ")}";

    public static string Expression(string text, EsfExpressionError error) =>
        string.Create(CultureInfo.InvariantCulture, $"in '{Messages.Shorten(text)}' at {error.Line},{error.Column}: {error.Message}");

    public static string WrongKind(string what, string text, string found, string wanted) =>
        $"{what} must be {wanted}, and '{Messages.Shorten(text)}' is {found}";

    public static string CannotSet(string field, string type, string text, string found) =>
        $"'{Messages.Shorten(text)}' is {found}, and the field '{field}' is of type {type}: set it to a value of that type";

    public static string NoField(string field, string schema, IReadOnlyCollection<string> known) =>
        $"'{Messages.Shorten(field)}' is not a field of {schema} that can be set here.{NearestName.Hint(field, known)} Fields: "
        + $"{string.Join(", ", known)}";

    public static string CompositeField(string field, string type) =>
        $"the field '{field}' is of type {type}, and only single values can be set: keep it with 'widen', or leave it out if it is "
        + "optional";

    public static string RequiredField(string field, string schema) => $"the field '{field}' of {schema} is required: set it";

    public static string Duration(string text) =>
        $"'{Messages.Shorten(text)}' is not a duration: write a whole number and ms, s, m, h or d, for example '30s'";

    public static string DurationBounds(string key) => $"'{key}' must be above zero and at most 36 years: write for example '{key}: 30s'";

    public static string Number(string key, long least, long most) =>
        string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a whole number from {least} to {most}");

    public static string Real(string key, string example) => $"'{key}' must be a number: write for example '{key}: {example}'";

    public static string Hysteresis(string raise, string clear, bool isBelow) =>
        $"'{clear}' must be at {(isBelow ? "least" : "most")} '{raise}', or a value between them would be raised and cleared at once";

    public static string Sliding(int most) =>
        string.Create(CultureInfo.InvariantCulture,
            $"'every' must be at most 'size', and at least a {most}th of it: that is the maximum number of windows per event");

    public static string UnknownStage(string name, IReadOnlyCollection<string> known) =>
        $"'{Messages.Shorten(name)}' is not a stage.{NearestName.Hint(name, known)} Stages: {string.Join(", ", known)}";

    public static string OneKey(string example) => $"a stage must be a mapping with one key, its kind: write for example '{example}'";

    public static string NotLast(string stage) =>
        $"'{stage}' keeps state and must be the last stage: send results to a queue, and begin another pipeline there";

    public static string AfterLookup(string stage) =>
        $"'{stage}' cannot follow 'lookup': after a crash the map may return something else for the same message. Send the results "
        + "of the lookup to a queue, and begin another pipeline there";

    public static string OneOf(string where, string keys) => $"{where} needs exactly one of {keys}";

    public static string Word(string key, string found, IReadOnlyCollection<string> known) =>
        $"'{Messages.Shorten(found)}' is not valid for '{key}'.{NearestName.Hint(found, known)} Write one of {string.Join(", ", known)}";

    public static string NotWider(string wider, string narrower, string name) =>
        $"{wider} does not begin with the fields of {narrower}: write 'extends: {name}' in its schema, or use 'transform'";

    public static string PrivateWidened(string schema) =>
        $"{schema} has private fields, which are sealed in stored messages, and a sealed message cannot be widened: use "
        + "'transform', or widen before the private fields are added";

    public static string Private(string schema, string where) =>
        $"{schema} has private or tokenized fields, which cannot be sealed in {where}: remove the fields with 'transform', or "
        + "send the messages to a queue without a stateful stage";

    public static string NoAudience(string audience, string schema, IReadOnlyCollection<string> known) =>
        $"{schema} has no private field for an audience '{Messages.Shorten(audience)}'.{NearestName.Hint(audience, known)} Audiences: "
        + $"{string.Join(", ", known.DefaultIfEmpty("none"))}";

    public static string OtherPattern(string text, bool isPath) => isPath
        ? $"'{Messages.Shorten(text)}' does not begin with '/', as addresses do: write for example 'path: /devices/*/telemetry', and "
            + "lattices under 'lattice'"
        : $"'{Messages.Shorten(text)}' begins with '/', as addresses do and no lattice does: write it under 'path'";

    public static string BadPattern(string key, string reason) => $"'{key}': {reason}";

    public static string NotApplicable(string key, string pattern, string schema, string? own) =>
        $"'{Messages.Shorten(pattern)}' matches no message of {schema}, "
        + (own is null
            ? $"which has no '{key}': remove it here, or add one to the schema"
            : $"whose {key} is '{own}': write a pattern that matches it");

    public static string SubLexes(string schema) =>
        $"{schema} keeps values in sub-lexes, for which a declared pipeline has no queues: remove the fields with "
        + "'transform', or write the pipeline in C#";

    public static string Aggregate(IReadOnlyCollection<string> words) =>
        $"a field of a window's result must be one of key, start, end, revision and count, or one of {string.Join(", ", words)} and an "
        + $"expression: write for example 'mean_value: {{ mean: value }}'";

    public static string Secondary(string name) =>
        $"'{Messages.Shorten(name)}' cannot name the other message: choose a name that no field has";

    public static string CrossingName(string name) =>
        $"'{Messages.Shorten(name)}' cannot name the crossing, because a field has that name or it is invalid: choose another with 'as'";

    public static string PipelineTwice(string name, string place) =>
        $"the pipeline '{name}' is already declared at {place}: rename one of them";

    public static string Feeds(string queue) => $"the pipeline would read its own results: send them to another queue than '{queue}'";

    public static string NotAlone(string what, string other) =>
        $"{what} is also written by the pipeline '{other}', but one of the two keeps state or a map and needs exclusive "
        + "access: use another one";

    public static string OtherLog(string queue, string other) =>
        $"the queue '{queue}' also gets the transactions of '{other}', which has another transaction log, and a reader can read those of "
        + "one log only: use another queue";

    public static string TimerNotAlone(string queue, string timer, string other) =>
        $"the queue '{queue}' belongs to the timer '{timer}', but '{other}' would also write it: use another queue for one of them";

    public static string SameParty(string transcript, string other) =>
        $"'{other}' also takes part in the sessions of '{transcript}', as the same party: use another queue for one of them";

    public static string ExclusiveTwice(string queue) =>
        $"the queue '{queue}' would have two uses in this pipeline, which keeps state and compares its output after a crash: "
        + "use another queue for one of them";

    public static string ReaderTwice(string reader, string other) =>
        $"the pipeline '{other}' already has the reader '{reader}' in the same queue: rename one of them";

    public static string TooShort(long maxBytes, string schema, int least) =>
        string.Create(CultureInfo.InvariantCulture,
            $"a message of {schema} has at least {least} bytes, but the maximum here is {maxBytes}: raise 'max_bytes', "
            + $"or use a schema with fewer fields");

    public static string KindName(EsfExpression expression) => expression.Kind switch
    {
        EsfValueKind.Boolean => "a condition",
        EsfValueKind.Integer => "a whole number",
        EsfValueKind.Number => "a number",
        EsfValueKind.Text => "text",
        EsfValueKind.Bytes => "bytes",
        EsfValueKind.Enum => $"a value of {expression.EnumName}",
        EsfValueKind.Object => "an object",
        _ => "an array or a map",
    };
}
