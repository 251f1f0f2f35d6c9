using Estream.Fpga;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>Hashes the leaves of a witness on a card. Without the card, another card of the host or the processor hashes them.</summary>
internal sealed class CardLeafHasher(FpgaTarget cards, string card) : ILeafHasher
{
    public void HashLeaves(ReadOnlySpan<byte> leaves, ReadOnlySpan<int> lengths, Span<byte> hashes) =>
        cards.HashLeaves(leaves, lengths, hashes, card);
}
