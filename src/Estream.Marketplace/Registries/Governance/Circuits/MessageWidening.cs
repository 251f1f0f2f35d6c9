using Estream.Circuits;
using Estream.Esf;

namespace Estream.Marketplace.Governance;

/// <summary>Starts the output message of a node with the fields of its input message.</summary>
internal static class MessageWidening
{
    public static TAdditions Begin<TAdditions>(EsfWidening widening, ref NodeCall call)
        where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct =>
        TAdditions.Begin(call.Buffer, widening.Begin(call.Message, call.Buffer));
}
