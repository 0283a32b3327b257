export const id=829;export const ids=[829];export const modules={5829:(o,t,i)=>{i.d(t,{ConfidentialClientApplication:()=>n.WR});var n=i(2669)}};
//# sourceMappingURL=829.index.js.map
