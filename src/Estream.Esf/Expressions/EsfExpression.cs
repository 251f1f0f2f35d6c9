using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Estream.Esf.Expressions.Binding;
using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions;

/// <summary>
/// An expression over the fields of messages, such as <c>value &gt; 30.0 and has(location)</c>. Compile it against a schema once, then
/// evaluate it for any number of messages. See docs/formats/expressions.md. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Evaluation never throws, whatever the bytes of a message contain: an expression has a value or is absent. It reads nothing outside the
/// message, allocates nothing, and takes time proportional to its text and the texts it compares.
/// </remarks>
public sealed class EsfExpression
{
    /// <summary>The maximum length of an expression, in UTF-16 code units.</summary>
    public const int MaxTextLength = 4096;

    /// <summary>The maximum nesting depth of an expression. A chain of n operators has depth n.</summary>
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

    /// <summary>The text as written.</summary>
    public string Text { get; }

    /// <summary>The kind of the expression's values.</summary>
    public EsfValueKind Kind { get; }

    /// <summary>The name of the enum that the values belong to; <see langword="null"/> if the values are not enum values.</summary>
    public string? EnumName => _type.Enum?.Name;

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="schema">The schema of the messages.</param>
    /// <exception cref="EsfExpressionException">The text is not a valid expression for this schema. The message says where the error is and
    /// how to correct it.</exception>
    public static EsfExpression Compile(string text, EsfSchema schema) => Compile(text, new EsfExpressionScope(schema));

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="scope">The schemas of the messages.</param>
    /// <exception cref="EsfExpressionException">The text is not a valid expression for these messages. The message says where the error is
    /// and how to correct it.</exception>
    public static EsfExpression Compile(string text, EsfExpressionScope scope) =>
        TryCompile(text, scope, out EsfExpression? expression, out EsfExpressionError? error)
            ? expression
            : throw new EsfExpressionException(error, text.Length > MaxTextLength ? text[..64] + "…" : text);

    /// <summary>Compiles an expression. Takes microseconds.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="scope">The schemas of the messages.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="error">The first error in the text.</param>
    /// <returns>True if the text is a valid expression.</returns>
    public static bool TryCompile(
        string text, EsfExpressionScope scope, [NotNullWhen(true)] out EsfExpression? expression,
        [NotNullWhen(false)] out EsfExpressionError? error) =>
        TryCompileWanting(text, scope, null, out expression, out error);

    /// <summary>Compiles an expression whose value is assigned to a field. If the field is an enum, names of its values need no
    /// qualification.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="scope">The schemas of the messages.</param>
    /// <param name="target">The field.</param>
    /// <param name="expression">The expression. <see cref="CanSet"/> checks whether the field accepts its values.</param>
    /// <param name="error">The first error in the text.</param>
    /// <returns>True if the text is a valid expression.</returns>
    public static bool TryCompile(
        string text, EsfExpressionScope scope, EsfField target, [NotNullWhen(true)] out EsfExpression? expression,
        [NotNullWhen(false)] out EsfExpressionError? error)
    {
        ArgumentNullException.ThrowIfNull(target);
        return TryCompileWanting(text, scope, target.Plan.Type.Definition.Enumeration, out expression, out error);
    }

    /// <summary>Whether the type of a field accepts values of the expression. A whole number is accepted by every integer, timestamp and
    /// float field; its range is checked when the field is set.</summary>
    /// <param name="field">The field.</param>
    public bool CanSet(EsfField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        Binding.ValueType wanted = Binding.ValueType.Of(field.Plan.Type.Definition);
        return Kind is not (EsfValueKind.Object or EsfValueKind.Sequence)
            && (_type.IsSame(wanted) || (Kind == EsfValueKind.Integer && wanted.Kind == EsfValueKind.Number));
    }

    /// <summary>Compiles an expression; names of values of <paramref name="wanted"/> need no qualification.</summary>
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

    /// <summary>Whether the condition is true. A condition without a value is not true.</summary>
    /// <param name="message">A message. If it does not belong to the schema, every field is absent.</param>
    /// <param name="other">The second message, if the scope has one; empty if there is none.</param>
    /// <exception cref="InvalidOperationException">The expression is not a condition: see <see cref="Kind"/>.</exception>
    public bool IsTrue(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other = default) =>
        TryGetBoolean(message, out bool value, other) && value;

    /// <summary>Evaluates a condition.</summary>
    /// <param name="message">As for <see cref="IsTrue"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="other">As for <see cref="IsTrue"/>.</param>
    /// <returns>True if there is a value.</returns>
    /// <exception cref="InvalidOperationException">The expression is not a condition.</exception>
    public bool TryGetBoolean(ReadOnlySpan<byte> message, out bool value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Boolean, EsfValueKind.Boolean);
        bool there = Run(message, other, out Slot slot);
        value = there && slot.Boolean;
        return there;
    }

    /// <summary>Evaluates a whole number, or the ordinal of an enum value.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>True if there is a value.</returns>
    /// <exception cref="InvalidOperationException">The expression has another kind.</exception>
    public bool TryGetInteger(ReadOnlySpan<byte> message, out Int128 value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Integer, EsfValueKind.Enum);
        bool there = Run(message, other, out Slot slot);
        value = there ? slot.Integer : Int128.Zero;
        return there;
    }

    /// <summary>Evaluates a number. A whole number is rounded to the nearest double.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>True if there is a value.</returns>
    /// <exception cref="InvalidOperationException">The expression has another kind.</exception>
    public bool TryGetNumber(ReadOnlySpan<byte> message, out double value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Number, EsfValueKind.Integer);
        bool there = Run(message, other, out Slot slot);
        value = !there ? 0 : Kind == EsfValueKind.Number ? slot.Number : (double)slot.Integer;
        return there;
    }

    /// <summary>Evaluates a text in UTF-8, or bytes.</summary>
    /// <inheritdoc cref="TryGetBoolean" path="/param"/>
    /// <returns>True if there is a value. The value is a span of one of the messages or of the expression, not a copy.</returns>
    /// <exception cref="InvalidOperationException">The expression has another kind.</exception>
    public bool TryGetBytes(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> value, ReadOnlySpan<byte> other = default)
    {
        Require(EsfValueKind.Text, EsfValueKind.Bytes);
        bool there = Run(message, other, out Slot slot);
        value = there ? InputsOf(message, other).BytesOf(slot) : default;
        return there;
    }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;

    private bool Run(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other, out Slot result) =>
        _program.Run(InputsOf(message, other), out result);

    private Inputs InputsOf(ReadOnlySpan<byte> message, ReadOnlySpan<byte> other) =>
        new(_program.Constants, message, _schema.FixedLengthOf(message), other, _other?.FixedLengthOf(other) ?? 0);

    private void Require(EsfValueKind one, EsfValueKind two)
    {
        if (Kind != one && Kind != two)
        {
            throw new InvalidOperationException($"The expression '{Text}' returns {Words.Of(Kind)}, but {Words.Of(one)} was requested.");
        }
    }
}

/// <summary>Thrown when a text is not a valid expression for its messages.</summary>
public sealed class EsfExpressionException : FormatException
{
    internal EsfExpressionException(EsfExpressionError error, string text)
        : base($"The expression '{text}' is not valid at {error}")
    {
        Error = error;
    }

    /// <summary>The error and its position.</summary>
    public EsfExpressionError Error { get; }
}

/// <summary>An error in the text of an expression.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in UTF-16 code units.</param>
/// <param name="Message">What is wrong and how to correct it.</param>
public sealed record EsfExpressionError(int Line, int Column, string Message)
{
    /// <summary>Returns the position and message.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Line},{Column}): {Message}");
}

/// <summary>The kind of value that an expression has.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The kinds are named as people name them, and as the schema language does.")]
public enum EsfValueKind
{
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A whole number of 128 bits: an integer or timestamp field, or a result computed from them.</summary>
    Integer,
    /// <summary>A finite binary64 number.</summary>
    Number,
    /// <summary>UTF-8 text.</summary>
    Text,
    /// <summary>Bytes that are not text.</summary>
    Bytes,
    /// <summary>A value of an enum, as its ordinal.</summary>
    Enum,
    /// <summary>An object. An expression can use the object's fields, and test the object with <c>has</c>.</summary>
    Object,
    /// <summary>An array or a map. <c>has</c> and <c>length</c> accept arrays and maps.</summary>
    Sequence,
}
