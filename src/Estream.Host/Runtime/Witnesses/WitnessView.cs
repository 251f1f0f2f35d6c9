using Estream.Crypto;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>Creates proofs of one queue for HTTP endpoints. Thread-safe: each call creates its own prover with two tailers.</summary>
internal sealed class WitnessView(string name, EstreamQueue queue, EstreamQueue attestations, IReadOnlyList<IVerifier> keys,
    MessageJson json, ReadGate gate) : IWitnessView
{
    public AttestationOverview[] Last(int count) => Read(prover =>
    {
        List<AttestationOverview> found = [];
        long last = prover.LastNumber;
        for (long number = Math.Max(prover.FirstNumber, last - count + 1); number >= 0 && number <= last; number++)
        {
            found.Add(AttestationOverview.Of(number, prover[number]));
        }

        return found.ToArray();
    });

    public byte[] Attestation(long number) => Read(prover => prover[number].Encoded.ToArray());

    public byte[] ProveHistory(long earlier, long later) => Read(prover => prover.ProveConsistency(earlier, later).Encoded.ToArray());

    public byte[]? ProveMessage(long sequence) =>
        Read(prover => prover.ProveMessage(sequence) is var proof && json.MayShowBytes(proof.Payload) ? proof.Encoded.ToArray() : null);

    public InclusionOverview ProveInclusion(long sequence) => Read(prover =>
    {
        MessageProof proof = prover.ProveMessage(sequence, out long attestation);
        return InclusionOverview.Of(name, proof, attestation, json.MayShowBytes(proof.Payload));
    });

    private T Read<T>(Func<WitnessProver, T> read) => gate.Read(() =>
    {
        using WitnessProver prover = new(queue, attestations, keys);
        return read(prover);
    });
}
