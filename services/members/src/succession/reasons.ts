/** Why a member of a dissolved union is transferred, as it stands in the member's record. */
export const successionReason = '原工会撤销';
/** Why a member comes back when the dissolved union is restored. */
export const restorationReason = '原工会恢复';
/** Why a member goes to a union that came out of theirs. */
export const splitReason = '工会分立';
