namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The messages about changes of a published schema, and about the lock that records the published versions. Each message names the field,
/// the rule and what to do. A golden file of the tests contains all these messages.
/// </summary>
internal static class EvolutionMessages
{
    private const string NewName = "or give the changed schema a new name";

    public static string FieldGone(string path, int index, string? instead) =>
        $"Field '{path}' was published but is gone"
        + (instead is null ? "" : $"; '{instead}' is now at its position")
        + $". A published field keeps its name and position: restore it as field {index + 1} of its record"
        + (instead is null ? "" : " (a renamed field is a new one: append it as optional)") + $", {NewName}.";

    public static string FieldMoved(string path, string published, bool isNew) => isNew
        ? $"Field '{path}' is new, but has the position where '{published}' was published. New fields are appended: move it after the last "
            + $"field of its record, {NewName}."
        : $"Field '{path}' has the position where '{published}' was published. Published fields keep their order: move it back, {NewName}.";

    public static string FieldType(string path, EsfType published, EsfType today) =>
        $"Field '{path}' was published as {Kind(published)} and is now {Kind(today)}. A published field keeps its type: write "
        + $"'{published}' again and append an optional field of the new type, {NewName}.";

    public static string FieldPresence(string path, bool wasOptional) =>
        $"Field '{path}' was published as {(wasOptional ? "optional" : "required")} and is now {(wasOptional ? "required" : "optional")}. "
        + $"Readers depend on what was published: {(wasOptional ? "write 'optional: true' again" : "remove 'optional: true'")}, {NewName}.";

    public static string FieldPrivacy(string path, string published, string today) =>
        $"Field '{path}' was published with privacy {Shown(published)} and now has {Shown(today)}. The privacy of messages already written "
        + "cannot change: "
        + $"restore it and append an optional field with the new rule, {NewName}.";

    public static string AppendedRequired(string path) =>
        $"Field '{path}' is new and required, but messages of the published version do not have it. Write 'optional: true', {NewName}.";

    public static string EnumValues(string path, string name, string published, int ordinal, string? instead) =>
        $"Value '{published}' of enum '{name}', used by field '{path}', was published with ordinal {ordinal}"
        + (instead is null ? " but is gone" : $", which '{instead}' has now")
        + $". Published values keep their order: restore it and write new values after the last, {NewName}.";

    public static string SchemaGone(string name) =>
        $"Schema '{name}' was published but is not in this file. Restore it, or, if its messages are no longer read, remove it from the "
        + $"lock with 'estream schema publish --remove {name} FILE'.";

    public static string LockTooLong() =>
        $"The lock is longer than {EsfLimits.MaxLockFileChars} characters, so 'estream schema publish' did not write it. Restore the file.";

    public static string LockHeader(string expected) =>
        $"The first line of a lock must be '{expected}'. Restore the file from version control; a lock of a newer format needs a "
        + "newer Estream.";

    public static string LockEnd() => "The lock ends in the middle of a line. Restore the file from version control.";

    public static string LockCarriageReturn() =>
        "The line ends with a carriage return, but a lock uses line feeds only. Add '*.esf.lock text eol=lf' to .gitattributes and "
        + "check the file out again.";

    public static string LockLine(string line) =>
        $"'{Messages.Shorten(line)}' is not a line of a lock, which is 16 lower-case hexadecimal digits, a space and the canonical text. "
        + "Restore the line. "
        + "After a merge, keep the lines of both branches in the order in which they were published.";

    public static string LockText(string reason) =>
        $"The canonical text of this line cannot be read: {reason.TrimEnd('.')}. Restore the line from version control.";

    public static string LockId(string written, string actual) =>
        $"The id of this line is {written}, but that of its text is {actual}. The line was edited; restore it from version control.";

    public static string LockRepeated(string name) =>
        $"This version of '{name}' occurs twice. Remove the second line.";

    public static string LockScattered(string name) =>
        $"The versions of '{name}' are not consecutive. Move this line after the last one of that schema.";

    public static string LockBroken(string name, string reason) =>
        $"This version of '{name}' does not extend the one above it. {reason}";

    private static string Kind(EsfType type) => (type.Kind == EsfTypeKind.Enum ? "enum " : "") + type;

    private static string Shown(string privacy) => privacy.Length == 0 ? "'public'" : "'" + privacy.Substring(1) + "'";
}
