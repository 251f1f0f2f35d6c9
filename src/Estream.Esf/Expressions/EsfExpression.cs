using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Esf.Expressions.Binding;
using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions;

/// <summary>
/// An expression over the fields of messages, such as <c>value &gt; 30.0 and has(location)</c>: checked against a schema once, then
/// computed for any number of messages. See docs/formats/expressions.md. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Total: whatever the bytes of a message say, an expression has a value or has none (is absent), and never an exception. It reads
/// nothing outside the message, allocates nothing, and takes time in proportion to its text and the texts it compares.
/// </remarks>
public sealed class EsfExpression
{
    /// <summary>The longest text of an expression, in UTF-16 units.</summary>
    public const int MaxTextLength = 4096;

    /// <summary>How deep an expression may be nested. A chain of n operators is n deep.</summary>
    public const int MaxDepth = 128;

    private readonly EsfSchema _schema;
    private readonly EsfSchema? _other;
    private readonly StackProgram _program;
    private readonly Binding.ValueType _type;

    private EsfExpression(string text, EsfExpressionScope scope, Bound root, StackProgram program)
    {
        Text = text;
        Kind = root.Type.Kind;
        _type = root.Type;
        _schema = scope.Schema;
        _other = scope.Other;
        _program = program;
    }

    /// <summary>The text as it was written.</summary>
    public string Text { get; }

    /// <summary>What its values are.</summary>
    public EsfValueKind Kind { get; }

    /// <summary>The name of the enum its values are of, where they are of one.</summary>
    public string? EnumName => _type.Enum?.Name;

    /// <summary>Reads and checks an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="schema">The schema of the messages.</param>
    /// <exception cref="EsfExpressionException">It is none over this schema; the message says where and what to write instead.</exception>
    public static EsfExpression Compile(string text, EsfSchema schema) => Compile(text, new EsfExpressionScope(schema));

    /// <summary>Reads and checks an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scope">The messages it is about.</param>
    /// <exception cref="EsfExpressionException">It is none over these messages; the message says where and what to write
    /// instead.</exception>
    public static EsfExpression Compile(string text, EsfExpressionScope scope) =>
        TryCompile(text, scope, out EsfExpression? expression, out EsfExpressionError? error)
            ? expression
            : throw new EsfExpressionException(error, text.Length > MaxTextLength ? text[..64] + "…" : text);

    /// <summary>Reads and checks an expression. Costs microseconds.</summary>
    /// <param name="text">The text: any at all.</param>
    /// <param name="scope">The messages it is about.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="error">The first mistake in it.</param>
    /// <returns>Whether it is an expression.</returns>
    public static bool TryCompile(
        string text, EsfExpressionScope scope, [NotNullWhen(true)] out EsfExpression? expression,
        [NotNullWhen(false)] out EsfExpressionError? error) =>
        TryCompileWanting(text, scope, null, out expression, out error);

    /// <summary>Reads and checks an expression whose values are for a field: where that is an enum, the names of its values may stand
    /// alone.</summary>
    /// <param name="text">The text: any at all.</param>
    /// <param name="scope">The messages it is about.</param>
    /// <param name="target">The field.</param>
    /// <param name="expression">The expression; whether the field can have its values, <see cref="CanSet"/> says.</param>
    /// <param name="error">The first mistake in it.</param>
    /// <returns>Whether it is an expression.</returns>
    public static bool TryCompile(
        string text, EsfExpressionScope scope, EsfField target, [NotNullWhen(true)] out EsfExpression? expression,
        [NotNullWhen(false)] out EsfExpressionError? error)
    {
        ArgumentNullException.ThrowIfNull(target);
        return TryCompileWanting(text, scope, target.Plan.Type.Definition.Enumeration, out expression, out error);
    }

    /// <summary>Whether a field is of a type that values of the expression can be of: a whole number goes into every integer, timestamp and
    /// float, and what is out of range is found out when it is set.</summary>
    /// <param name="field">The field.</param>
    public bool CanSet(EsfField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        Binding.ValueType wanted = Binding.ValueType.Of(field.Plan.Type.Definition);
        return Kind is not (EsfValueKind.Object or EsfValueKind.Sequence)
            && (_type.IsSame(wanted) || (Kind == EsfValueKind.Integer && wanted.Kind == EsfValueKind.Number));
    }

    /// <summary>The same where a value of an enum is wanted, so that its names may stand alone.</summary>
    internal static bool TryCompileWanting(
        string text,
        EsfExpressionScope scope,
        EnumDefinition? wanted,
        [NotNullWhen(true)] out EsfExpression? expression,
        [NotNullWhen(false)] out EsfExpressionError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(scope);
        expression = null;
        error = null;
        try
        {
            Bound root = new Binder(scope).BindRoot(ExpressionParser.Parse(text), wanted);
            expression = new EsfExpression(text, scope, root, Emitter.Emit(root));
            return true;
        }
        catch (SyntaxErrorException syntaxError)
        {
            error = syntaxError.In(text);
            return false;
        }
    }

    /// <summary>Whether the condition holds. One that has no value does not.</summary>
    /// <param name="message">A message; of one that is not of the schema every field is absent.</param>
    /// <param name="other">The second message, where the scope has one; empty where there is none.</param>
    /// <exception cref="InvalidOperationException">The expression is no condition: see <see cref="Kind"/>.</exception>
    public bool IsTrue(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other = default) =>
        TryGetBoolean(message, out bool value, other) && value;

    /// <summary>Computes a truth value.</summary>
    /// <param name="message">As for <see cref="IsTrue"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="other">As for <see cref="IsTrue"/>.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidOperationException">The expression is no condition.</exception>
    public bool TryGetBoolean(ReadOnlySpan<byte> message, out bool value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Boolean, EsfValueKind.Boolean);
        bool there = Run(message, other, out Slot slot);
        value = there && slot.Boolean;
        return there;
    }

    /// <summary>Computes a whole number, or the ordinal of an enum's value.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidOperationException">The expression is of another kind.</exception>
    public bool TryGetInteger(ReadOnlySpan<byte> message, out Int128 value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Integer, EsfValueKind.Enum);
        bool there = Run(message, other, out Slot slot);
        value = there ? slot.Integer : Int128.Zero;
        return there;
    }

    /// <summary>Computes a number; a whole one is rounded to the nearest.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidOperationException">The expression is of another kind.</exception>
    public bool TryGetNumber(ReadOnlySpan<byte> message, out double value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Number, EsfValueKind.Integer);
        bool there = Run(message, other, out Slot slot);
        value = !there ? 0 : Kind == EsfValueKind.Number ? slot.Number : (double)slot.Integer;
        return there;
    }

    /// <summary>Computes a text in UTF-8, or bytes.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>Whether there is one. It lies in one of the messages or in the expression: no copy.</returns>
    /// <exception cref="InvalidOperationException">The expression is of another kind.</exception>
    public bool TryGetBytes(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Text, EsfValueKind.Bytes);
        bool there = Run(message, other, out Slot slot);
        value = there ? InputsOf(message, other).BytesOf(slot) : default;
        return there;
    }

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    private bool Run(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other, out Slot result) =>
        _program.Run(InputsOf(message, other), out result);

    private Inputs InputsOf(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other) =>
        new(_program.Constants, message, _schema.FixedLengthOf(message), other, _other?.FixedLengthOf(other) ?? 0);

    private void Require(EsfValueKind one, EsfValueKind two)
    {
        if (Kind != one && Kind != two)
        {
            throw new InvalidOperationException($"The expression '{Text}' makes {Words.Of(Kind)}, and {Words.Of(one)} is asked for.");
        }
    }
}

/// <summary>A text is no expression over the messages it was written for.</summary>
public sealed class EsfExpressionException : FormatException
{
    internal EsfExpressionException(EsfExpressionError error, string text)
        : base($"The expression '{text}' {error}")
    {
        Error = error;
    }

    /// <summary>The mistake and its place.</summary>
    public EsfExpressionError Error { get; }
}

/// <summary>A mistake in the text of an expression.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1, in UTF-16 units.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record EsfExpressionError(int Line, int Column, string Message)
{
    /// <summary>Place and message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Line},{Column}): {Message}");
}

/// <summary>What an expression makes of a message, when it can make anything of it.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The kinds are named as people name them, and as the schema language does.")]
public enum EsfValueKind
{
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A whole number of 128 bits: an integer or timestamp field, or what is computed of them.</summary>
    Integer,
    /// <summary>A finite binary64 number.</summary>
    Number,
    /// <summary>UTF-8 text.</summary>
    Text,
    /// <summary>Bytes that are no text.</summary>
    Bytes,
    /// <summary>A value of an enum, as its ordinal.</summary>
    Enum,
    /// <summary>An object: its fields have values, and it can be asked for with <c>has</c>.</summary>
    Object,
    /// <summary>An array or a map: <c>has</c> and <c>length</c> take it.</summary>
    Sequence,
}
