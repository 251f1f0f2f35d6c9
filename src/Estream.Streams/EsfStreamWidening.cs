using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>
/// Pipelines whose messages grow: each stage converts a message to a schema that extends the previous one (<c>extends</c> in its file), and
/// sets the added fields. The compiler checks that each stage starts with the schema that the previous stage ends with.
/// </summary>
public static class EsfStreamWidening
{
    /// <summary>Converts each message to a wider schema: copies the fields that both schemas have. The stage sets the added fields and can
    /// set no others.</summary>
    /// <param name="stream">The messages, which must be plaintext: a sealed message ends the run with an
    /// <see cref="Core.EstreamFormatException"/>.</param>
    /// <param name="extension">The wider schema, such as <c>PlacedReading.Extending</c>.</param>
    /// <param name="maxLength">The maximum length in bytes of a message of the wider schema.</param>
    /// <param name="widen">Sets the added fields.</param>
    /// <typeparam name="TBase">The view of the messages.</typeparam>
    /// <typeparam name="TWider">The view of the wider messages.</typeparam>
    /// <typeparam name="TAdditions">The writer of the added fields.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is not a valid message length.</exception>
    /// <remarks>Copies a message once, in two blocks. Allocates one buffer for the stage and nothing per message.</remarks>
    public static EsfStream<TWider> Widen<TBase, TWider, TAdditions>(
        this EsfStream<TBase> stream, EsfExtension<TBase, TWider, TAdditions> extension, int maxLength,
        EventWidener<TBase, TAdditions> widen)
        where TBase : struct, IEsfView<TBase>, allows ref struct
        where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
        where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(widen);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, Estream.Esf.Schema.EsfLimits.MaxMessageBytes);
        _ = extension;
        return stream.Then<TWider>(next => new WidenStage<TBase, TWider, TAdditions>(maxLength, widen, next));
    }

    /// <summary>Appends each message to another queue unchanged, exactly once even after a crash at any moment. Sealed messages stay
    /// sealed.</summary>
    /// <param name="stream">The messages.</param>
    /// <param name="name">As for <see cref="EsfStream{T}.AppendTo"/>.</param>
    /// <param name="output">As for <see cref="EsfStream{T}.AppendTo"/>.</param>
    /// <param name="maxLength">The maximum length of a message in bytes.</param>
    /// <param name="sealer">As for <see cref="EsfStream{T}.AppendTo"/>; used for plaintext messages.</param>
    /// <param name="subLexes">As for <see cref="EsfStream{T}.AppendTo"/>; used for plaintext messages.</param>
    /// <typeparam name="TView">The view of the messages.</typeparam>
    /// <inheritdoc cref="EsfStream{T}.AppendTo" path="/exception"/>
    public static EsfPipeline AppendTo<TView>(
        this EsfStream<TView> stream, string name, EstreamQueue output, int maxLength, EsfSealer? sealer = null,
        IReadOnlyDictionary<string, EstreamQueue>? subLexes = null)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(stream);
        OutputQueue.Require(output, maxLength);
        SchemaDeclarations.RequirePlain(TView.Schema);
        return stream.AppendTo(name,
            new QueueEnd<TView>(output, TView.Schema, sealer, subLexes, space => new CopiedView<TView>(maxLength, space)));
    }
}
