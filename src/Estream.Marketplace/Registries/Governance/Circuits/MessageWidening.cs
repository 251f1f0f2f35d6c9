using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>Begins the message that a node makes with the fields of the one it takes.</summary>
internal static class MessageWidening
{
    public static TAdditions Begin<TAdditions>(EsfWidening widening, ref NodeCall call)
        where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct =>
        TAdditions.Begin(call.Buffer, widening.Begin(call.Message, call.Buffer));
}
