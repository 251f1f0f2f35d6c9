namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The messages about changes of a published schema, and about the lock that records the published versions. Each message names the field,
/// the rule and what to do. A golden file of the tests contains all of them.
/// </summary>
internal static class EvolutionMessages
{
    private const string NewName = "or give the changed schema a new name";

    public static string FieldGone(string path, int index, string? instead) =>
        $"field '{path}' was published and is gone"
        + (instead is null ? "" : $", and '{instead}' stands in its place")
        + $"; a published field keeps its name and its place for ever: put it back as field {index + 1} of its record"
        + (instead is null ? "" : " (a renamed field is a new one: append it as optional)") + $", {NewName}";

    public static string FieldMoved(string path, string published, bool isNew) => isNew
        ? $"field '{path}' is new and stands where '{published}' was published; new fields are appended: move it behind the last field of "
            + $"its record, {NewName}"
        : $"field '{path}' stands where '{published}' was published; published fields keep their order: move it back, {NewName}";

    public static string FieldType(string path, EsfType published, EsfType today) =>
        $"field '{path}' was published as {Kind(published)} and is now {Kind(today)}; a published field keeps its type: write "
        + $"'{published}' again and append an optional field of the new type, {NewName}";

    public static string FieldPresence(string path, bool wasOptional) =>
        $"field '{path}' was published as {(wasOptional ? "optional" : "required")} and is now {(wasOptional ? "required" : "optional")}; "
        + $"readers rely on what was published: {(wasOptional ? "write 'optional: true' again" : "remove 'optional: true'")}, {NewName}";

    public static string FieldPrivacy(string path, string published, string today) =>
        $"field '{path}' was published with privacy {Shown(published)} and has now {Shown(today)}; privacy is a promise about messages "
        + "already written: "
        + $"restore it and append an optional field with the new rule, {NewName}";

    public static string AppendedRequired(string path) =>
        $"field '{path}' is new and required; messages of the published version do not have it: write 'optional: true', {NewName}";

    public static string EnumValues(string path, string name, string published, int ordinal, string? instead) =>
        $"value '{published}' of enum '{name}', used by field '{path}', was published with ordinal {ordinal}"
        + (instead is null ? " and is gone" : $", where '{instead}' stands now")
        + $"; published values keep their order: put it back and write new values behind the last, {NewName}";

    public static string SchemaGone(string name) =>
        $"schema '{name}' was published and is not in this file: put it back, or, when nobody reads its messages any more, give it up "
        + $"with 'estream schema publish --remove {name} FILE'";

    public static string LockTooLong() =>
        $"the lock is longer than {EsfLimits.MaxLockFileChars} characters: it was not written by 'estream schema publish'";

    public static string LockHeader(string expected) =>
        $"the first line of a lock is '{expected}': restore the file from version control; a lock of a newer format needs a newer Estream";

    public static string LockEnd() => "the lock ends in the middle of a line: restore the file from version control";

    public static string LockCarriageReturn() =>
        "the line ends with a carriage return and a lock has line feeds only: write '*.esf.lock text eol=lf' into .gitattributes and "
        + "check the file out again";

    public static string LockLine(string line) =>
        $"'{Messages.Shorten(line)}' is not a line of a lock, which is 16 lower-case hexadecimal digits, a blank and the canonical text: "
        + "restore the line; "
        + "of two branches that meet here keep the lines of both, in the order they were published";

    public static string LockText(string reason) =>
        $"the canonical text of this line cannot be read: {reason.TrimEnd('.')}; restore the line from version control";

    public static string LockId(string written, string actual) =>
        $"the id of this line is {written} and that of its text is {actual}: the line was edited; restore it from version control";

    public static string LockRepeated(string name) =>
        $"this version of '{name}' stands here twice: remove the second line";

    public static string LockScattered(string name) =>
        $"the versions of '{name}' are not together: move this line behind the last one of that schema";

    public static string LockBroken(string name, string reason) =>
        $"this version of '{name}' does not extend the one above it: {reason}";

    private static string Kind(EsfType type) => (type.Kind == EsfTypeKind.Enum ? "enum " : "") + type;

    private static string Shown(string privacy) => privacy.Length == 0 ? "'public'" : "'" + privacy.Substring(1) + "'";
}
